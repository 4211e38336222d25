//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// guardian starts the server and watches over it from a process of its own, so that
// the server ends with the program however that ends. The program holds the other end
// of the guardian's standard input and writes the names of signals into it, which are
// passed on to the server; the kernel closes that end when the program is gone, and
// then the server is told to end, at first politely, after a second without delay. A
// server told to end without delay kills those of its processes that hang after five
// seconds; only a server that hangs as a whole is killed itself.
// (The kernel's own parent-death signal will not do: it is bound to a thread and is
// dropped when the user changes.)
//
// Descriptor 3 is the lock on the directory; the server inherits it.
// $1 is a directory to remove afterwards, or empty; the rest is the command.
const guardian = `
remove=$1; shift
exec 4<&0 </dev/null
"$@" 4<&- &
server=$!
(
	exec 3<&-
	while read -r signal <&4; do kill -s "$signal" "$server"; done
	kill -s INT "$server"; sleep 1
	kill -s QUIT "$server"; sleep 7
	kill -s KILL "$server"
) >/dev/null 2>&1 &
watch=$!
wait "$server"; status=$?
kill "$watch" 2>/dev/null
[ -z "$remove" ] || rm -rf -- "$remove"
exit "$status"
`

// The server's ways to end, as signals.
const (
	endFast   = "INT\n"  // sessions are cut off, everything is written
	endAtOnce = "QUIT\n" // nothing is written; the next start recovers from the log
	endKilled = "KILL\n"
)

// process is a server's guardian, seen from the program.
type process struct {
	orders io.WriteCloser
	ended  chan struct{}
	err    error // how the server ended; valid when ended is closed
}

func launch(as account, bin Installed, cfg Config, a access, lock *dirLock, logFile *os.File) (*process, error) {
	args := []string{"-c", guardian, "ratecard-postgres", a.temporary,
		filepath.Join(bin.Dir, "postgres"), "-D", filepath.Join(cfg.Dir, "data")}
	for _, setting := range append(a.settings(), runSettings(cfg)...) {
		args = append(args, "-c", setting)
	}
	orders, send, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer orders.Close()
	// Not bound to a context: the server lives until it is told to end.
	cmd := as.command(context.Background(), cfg.Dir, "/bin/sh", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = orders, logFile, logFile
	cmd.ExtraFiles = []*os.File{lock.file}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, send.Close())
	}
	p := &process{orders: send, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		// Also ends a server whose guardian alone was killed.
		p.err = errors.Join(p.err, send.Close())
		close(p.ended)
	}()
	return p, nil
}

// runSettings are the server's settings that do not speak of access.
func runSettings(cfg Config) []string {
	settings := []string{
		"cluster_name=ratecard",
		"max_connections=100",
		"timezone=UTC",
		"log_timezone=UTC",
		"log_destination=stderr",
		"logging_collector=off",
		// Errors of a statement are its sender's to tell. The log, which nothing
		// shortens while the server runs, holds what concerns the server, and no
		// statement with its values.
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_checkpoints=off",
	}
	if cfg.UnsafeNoFsync {
		return append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return append(settings, "fsync=on")
}

// order passes a signal on. An error means that the guardian is gone, and the server
// with it.
func (p *process) order(signal string) {
	_, _ = io.WriteString(p.orders, signal)
}
