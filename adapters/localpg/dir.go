//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// prepareDir makes the directory, and sees to it that it is the program's own: what lies
// in it is opened and renamed by name, which nobody else may meddle with.
func prepareDir(dir string) error {
	if err := makeDirs(dir); err != nil {
		return unusableDir(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return unusableDir(dir, err)
	}
	owner, err := ownerOf(dir)
	if err != nil {
		return unusableDir(dir, err)
	}
	switch {
	case !info.IsDir():
		return unusableDir(dir, syscall.ENOTDIR)
	case owner != os.Geteuid():
		return &DirectoryError{Dir: dir, Reason: fmt.Sprintf("it belongs to %s, and this program runs as %s", userName(owner), userName(os.Geteuid())),
			Advice: "Run the program as the same user every time, or choose another state directory"}
	case info.Mode().Perm()&0o022 != 0:
		return &DirectoryError{Dir: dir, Reason: "other users may write to it", Advice: "Take that away (chmod go-w " + dir + ")"}
	case owner == 0 && info.Mode().Perm()&0o111 != 0o111:
		return os.Chmod(dir, info.Mode().Perm()|0o111) // the server, not being root, passes through
	}
	return nil
}

// makeDirs makes dir and its parents where they are missing: private, but for root
// passable, whatever the umask says.
func makeDirs(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDirs(filepath.Dir(dir)); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another start was quicker
		}
		return err
	}
	return os.Chmod(dir, mode)
}

// unusableDir tells a user what to do about the system's refusals; other errors pass.
func unusableDir(dir string, err error) error {
	var known *DirectoryError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &DirectoryError{Dir: dir, Reason: "its disk is full", Err: err,
			Advice: "Make room (an empty database takes about 50 MB) or choose another state directory"}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &DirectoryError{Dir: dir, Reason: fmt.Sprintf("%s may not write there", userName(os.Geteuid())), Err: err,
			Advice: "Give it to that user, choose another state directory, or set DATABASE_URL"}
	case errors.Is(err, syscall.ENOTDIR):
		return &DirectoryError{Dir: dir, Reason: "something in its path is not a directory", Err: err,
			Advice: "Move that away or choose another state directory"}
	}
	return err
}

// workingDir returns a process's working directory (a server's is its data), where the
// system tells it: Linux does, to the process's user and to root.
func workingDir(pid int) (dir string, told bool) {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return dir, err == nil
}

func userName(uid int) string {
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return "user " + found.Username
	}
	return fmt.Sprintf("user %d", uid)
}

// refuseForeignServer looks for a server on the data that was not started by this
// program (ours hold the lock), and clears the file by which PostgreSQL would take a
// stranger's process for one: after a restart of the machine or the container, a
// killed server's number may belong to anybody. Where the system does not say what a
// process does, PostgreSQL's own check decides.
func refuseForeignServer(data string) error {
	path := filepath.Join(data, "postmaster.pid")
	data, err := filepath.EvalSymlinks(data) // as the system names a working directory
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	known := err == nil && pid > 0 && alive(pid)
	at, told := workingDir(pid)
	switch {
	case !known || !told:
		return nil
	case at == data:
		return &InUseError{Dir: filepath.Dir(data), PID: pid}
	}
	return os.Remove(path)
}
