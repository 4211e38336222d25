package valkeytest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds each step that the server is asked for.
const patience = 30 * time.Second

// Password is what every server here asks for.
const Password = "open,sesame"

// Server is a running server.
type Server struct {
	URL     string // with the password
	Address string // host:port
	t       testing.TB
	program string
	args    []string
	process int
	end     io.Closer // kills it, as the end of this process does
	ended   <-chan struct{}
}

// Start gives a test a server with nothing in it, which ends with the test. Where
// none is installed the test is skipped.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, args: args}
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			s.program = path
			break
		}
	}
	if s.program == "" {
		t.Skip("neither valkey-server nor redis-server is installed: apt-get install redis-server")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	_ = listener.Close()
	s.URL = "valkey://:" + Password + "@" + s.Address + "/0"
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// Run starts the server, again where it was killed. What was in it is lost.
func (s *Server) Run() {
	s.t.Helper()
	host, port, _ := net.SplitHostPort(s.Address)
	const untilInputEnds = `"$@" >/dev/null 2>&1 & echo $!; read -r _; kill -9 $!`
	args := append([]string{"-c", untilInputEnds, "sh", s.program, "--bind", host, "--port", port, "--save", "", "--appendonly", "no",
		"--dir", s.t.TempDir(), "--requirepass", Password}, s.args...)
	cmd := exec.CommandContext(context.WithoutCancel(s.t.Context()), "/bin/sh", args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if s.process, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		s.t.Fatalf("starting %s: %v", s.program, err)
	}
	ended := make(chan struct{})
	s.end, s.ended = in, ended
	go func() { _ = cmd.Wait(); close(ended) }()
	for began := time.Now(); s.ask("PING") != nil; {
		if time.Since(began) > patience {
			s.t.Fatalf("%s does not answer at %s", s.program, s.Address)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Kill ends the server at once, with all that is in it.
func (s *Server) Kill() {
	_ = s.end.Close()
	<-s.ended
}

// Freeze lets the server answer nothing until Thaw.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets it answer again, what it was asked meanwhile as well.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(s.process, sig); err != nil {
		s.t.Fatal(err)
	}
}

// Do gives the server a command without spaces in its words.
func (s *Server) Do(command string) {
	s.t.Helper()
	if err := s.ask(command); err != nil {
		s.t.Fatalf("%s: %v", command, err)
	}
}

// Wipe empties it.
func (s *Server) Wipe() { s.t.Helper(); s.Do("FLUSHALL") }

// Fill has it refuse all that would take memory, until Relieve.
func (s *Server) Fill() {
	s.t.Helper()
	s.Do("CONFIG SET maxmemory-policy noeviction")
	s.Do("CONFIG SET maxmemory 1")
}

// Relieve has it take everything again.
func (s *Server) Relieve() { s.t.Helper(); s.Do("CONFIG SET maxmemory 0") }

func (s *Server) ask(command string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\n%s\r\n", Password, command); err != nil {
		return err
	}
	answers := bufio.NewReader(conn)
	for range 2 {
		line, err := answers.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "-") {
			return fmt.Errorf("it says %s", strings.TrimSpace(line))
		}
	}
	return nil
}
