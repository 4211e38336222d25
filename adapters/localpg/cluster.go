//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// newDataPrefix begins the name of a database that is still being made.
const newDataPrefix = "data.new-"

// dataMajor returns the major version of PostgreSQL that made the data, 0 when there
// are none yet.
func dataMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || major <= 0 {
			return 0, foreign(data, fmt.Sprintf("its PG_VERSION says %.20q, which is no version", text))
		}
		return major, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, &DirectoryError{Dir: data, Reason: "it cannot be read", Err: err,
			Advice: "Run the program as the user who ran it before, or choose another state directory"}
	}
	entries, err := os.ReadDir(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, foreign(data, err.Error())
	case len(entries) > 0:
		return 0, foreign(data, "it holds files, but not a database")
	}
	return 0, nil
}

func foreign(data, reason string) error {
	return &DirectoryError{Dir: data, Reason: reason, Advice: "Move it away, or choose another state directory"}
}

// removeUnfinished clears what an interrupted makeCluster left behind.
func removeUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), newDataPrefix) {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeCluster makes an empty database under another name and renames it to data when
// it is whole and on the disk, so that nothing unfinished ever bears that name.
func makeCluster(ctx context.Context, cfg Config, as account, bin Installed, lock *dirLock, data string) error {
	fresh, err := os.MkdirTemp(cfg.Dir, newDataPrefix)
	if err != nil {
		return err
	}
	if err := as.own(fresh); err != nil {
		return err
	}
	if err := runInitdb(ctx, cfg, as, bin, lock, fresh); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // an empty directory would be in the way of the rename
	}
	if err := os.Rename(fresh, data); err != nil {
		return err
	}
	return syncDir(cfg.Dir)
}

func runInitdb(ctx context.Context, cfg Config, as account, bin Installed, lock *dirLock, fresh string) error {
	args := []string{
		"--pgdata=" + fresh,
		"--username=" + roleName,
		"--encoding=UTF8",
		// Text sorts by its bytes, as Go sorts it, on every system alike.
		"--locale=C",
		// Our own pg_hba.conf rules; this one holds for a server started by hand.
		"--auth-local=peer",
		"--auth-host=reject",
		"--no-instructions",
	}
	if cfg.UnsafeNoFsync {
		args = append(args, "--no-sync")
	}
	cmd := as.command(ctx, cfg.Dir, filepath.Join(bin.Dir, "initdb"), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.ExtraFiles = []*os.File{lock.file}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		lines := lastLines(output.Bytes(), 12)
		return &ProcessError{Program: "initdb", Output: lines, Advice: adviceFor(lines, cfg.Dir), Err: err}
	}
	return nil
}

// adviceFor recognises in PostgreSQL's words (English: LC_ALL is C) the failures that a
// user can mend.
func adviceFor(lines []string, dir string) string {
	text := strings.Join(lines, "\n")
	switch {
	case strings.Contains(text, "No space left on device"):
		return fmt.Sprintf("The disk that holds %s is full: make room (an empty database takes about 50 MB) or choose another state directory", dir)
	case strings.Contains(text, "could not look up effective user ID"):
		return "PostgreSQL runs only as a user that has a name: add one to /etc/passwd, or set DATABASE_URL"
	}
	return ""
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func lastLines(text []byte, n int) []string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-n):]
}
