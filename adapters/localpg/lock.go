//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockPatience is how long a start waits for what a dead program left behind: its
// server is told to end at once and is killed after a few seconds.
const lockPatience = 15 * time.Second

// dirLock is the claim on a directory. The open file is handed down to every
// process of the server, so that the claim ends when the last of them is gone and
// not a moment before, however the program itself ended.
type dirLock struct{ file *os.File }

// lockDir claims dir, or returns an *InUseError. When the holder's program is
// already dead, its server is about to follow and is waited for.
func lockDir(ctx context.Context, dir string) (*dirLock, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(lockPatience)
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		pid := holder(file)
		if (pid != 0 && alive(pid)) || time.Now().After(deadline) {
			file.Close()
			return nil, &InUseError{Dir: dir, PID: pid}
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	lock := &dirLock{file}
	if err := lock.sign(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		file.Close()
		return nil, err
	}
	return lock, nil
}

// sign writes who holds the lock, for those who are refused.
func (l *dirLock) sign(name string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(name), 0)
	return err
}

// release gives up the program's share of the claim.
func (l *dirLock) release() error {
	return errors.Join(l.sign(""), l.file.Close())
}

// holder returns the process that signed the lock, 0 when none did.
func holder(file *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 {
		return 0
	}
	return pid
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
