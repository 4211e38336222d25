//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that PostgreSQL's programs run as, and those who may connect.
// For everybody but root that is one and the same user; PostgreSQL refuses to run
// as root, so that root's server runs as an unprivileged user instead.
type account struct {
	name     string
	uid, gid int
	root     bool     // the program itself is root
	allowed  []string // names of the users who may connect
}

// serverAccount chooses the user for the server whose data are (or will be) in
// data. Existing data stay with their owner: they are his already, and PostgreSQL
// accepts no other.
func serverAccount(data string) (account, error) {
	if os.Geteuid() != 0 {
		me, err := user.Current()
		if err != nil {
			return account{}, fmt.Errorf("PostgreSQL wants to know the name of the user it runs as, and user %d has none (add one to /etc/passwd, or set DATABASE_URL): %w", os.Geteuid(), err)
		}
		return account{name: me.Username, uid: os.Geteuid(), gid: os.Getegid(), allowed: []string{me.Username}}, nil
	}
	chosen, err := unprivileged(data)
	if err != nil {
		return account{}, err
	}
	uid, uidErr := strconv.Atoi(chosen.Uid)
	gid, gidErr := strconv.Atoi(chosen.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, fmt.Errorf("user %s: %w", chosen.Username, err)
	}
	caller := "root"
	if me, err := user.LookupId("0"); err == nil {
		caller = me.Username
	}
	return account{name: chosen.Username, uid: uid, gid: gid, root: true, allowed: []string{caller, chosen.Username}}, nil
}

func unprivileged(data string) (*user.User, error) {
	if owner, err := ownerOf(data); err == nil && owner != 0 {
		found, err := user.LookupId(strconv.Itoa(owner))
		if err != nil {
			return nil, &DirectoryError{Dir: data, Reason: fmt.Sprintf("its owner, user %d, does not exist", owner),
				Advice: "Give it to a user that does (chown -R), or move it away to begin with an empty database", Err: err}
		}
		return found, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil && found.Uid != "0" {
			return found, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as: create one, run this program as an ordinary user, or set DATABASE_URL")
}

func ownerOf(path string) (int, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: its owner is not known", path)
	}
	return int(stat.Uid), nil
}

// command prepares a program that runs as the account, away from the terminal
// (Ctrl-C goes to a terminal's whole process group: the database must outlive the
// program's own orderly end) and without the program's environment, which holds
// keys that are none of the server's business.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin",
		"LC_ALL=C",
		"TZ=UTC",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.root {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// own hands path to the account. It is used only on entries of a directory that
// belongs to the program itself, where nobody else can have put a link.
func (a account) own(path string) error {
	if !a.root {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// privateDir makes path a directory that only the account may enter.
func (a account) privateDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := a.own(path); err != nil {
		return err
	}
	return os.Chmod(path, 0o700)
}

// canEnter finds out, by trying, whether the account can pass through every parent
// of dir and into it.
func (a account) canEnter(ctx context.Context, dir string) error {
	if !a.root {
		return nil
	}
	ancestors := []string{dir}
	for at := dir; at != filepath.Dir(at); {
		at = filepath.Dir(at)
		ancestors = append([]string{at}, ancestors...)
	}
	const tryEach = `for dir; do cd -- "$dir" || { printf %s "$dir"; exit 1; }; done`
	cmd := a.command(ctx, "/", "/bin/sh", append([]string{"-c", tryEach, "sh"}, ancestors...)...)
	stopped, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && len(stopped) > 0:
		return &DirectoryError{Dir: dir, Reason: fmt.Sprintf("the user %s, as whom PostgreSQL runs for root, cannot enter %s", a.name, stopped),
			Advice: fmt.Sprintf("Choose a state directory outside of it, such as /var/lib/ratecard, or let others pass (chmod o+x %s)", stopped)}
	default:
		return fmt.Errorf("cannot run programs as user %s, as whom PostgreSQL runs for root: %w", a.name, err)
	}
}
