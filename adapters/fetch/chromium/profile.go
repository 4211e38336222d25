package chromium

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// A profile is where a browser keeps everything that it keeps, until it is thrown
// away. As long as the program that made it lives, a file in it is locked: what is
// not locked any more was left by one that died.
type profile struct {
	dir string
	use *os.File
}

const (
	profilePrefix = "ratecard-browser-"
	useFile       = "in-use"
)

// newProfile makes one in a folder, or among the system's temporary files.
func newProfile(in string) (profile, error) {
	dir, err := os.MkdirTemp(in, profilePrefix)
	if err != nil {
		return profile{}, err
	}
	use, err := lockedFile(dir)
	if err != nil {
		return profile{}, errors.Join(err, os.RemoveAll(dir))
	}
	return profile{dir, use}, nil
}

// lockedFile makes the file that is locked. It gets its name when it is, so that
// nobody finds it otherwise.
func lockedFile(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "")
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, useFile))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// throwAway removes it with all that is in it.
func (p profile) throwAway() error {
	return errors.Join(os.RemoveAll(p.dir), p.use.Close())
}

// sweep ends the browsers of programs that died before they could, and throws
// their profiles away. What cannot be removed is somebody else's.
func sweep(in string) {
	if in == "" {
		in = os.TempDir()
	}
	left, err := filepath.Glob(filepath.Join(in, profilePrefix+"*"))
	if err != nil {
		return // the folder's name is a pattern that is none
	}
	for _, dir := range left {
		// The folder is anybody's: a link is not followed, a pipe not waited for.
		use, err := os.OpenFile(filepath.Join(dir, useFile), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue // it is being made, or removed
		}
		if syscall.Flock(int(use.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = errors.Join(tree{profile: dir}.kill(), os.RemoveAll(dir))
		}
		_ = use.Close()
	}
}
