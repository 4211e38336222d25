//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// maxLog is the size in bytes beyond which the log is set aside at a start. One older
// log is kept.
const maxLog = 1 << 20

// serverLog is the file with what the server says.
type serverLog struct {
	file  *os.File
	path  string
	begin int64 // where this start's words begin
}

func openLog(dir string) (serverLog, error) {
	path := filepath.Join(dir, "postgres.log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return serverLog{}, err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return serverLog{}, err
	}
	begin, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		file.Close()
		return serverLog{}, err
	}
	return serverLog{file: file, path: path, begin: begin}, nil
}

// tail returns the last n lines since this start, none when they cannot be read.
func (l serverLog) tail(n int) []string {
	file, err := os.Open(l.path)
	if err != nil {
		return nil
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	const enough = 8 << 10
	from := max(l.begin, info.Size()-enough)
	text, err := io.ReadAll(io.NewSectionReader(file, from, enough))
	if err != nil {
		return nil
	}
	return lastLines(text, n)
}
