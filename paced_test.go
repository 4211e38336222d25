//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A pacer sends requests when they are due, over connections that take turns, from
// one thread: a timer and a goroutine for each would take as much of the machine as
// who answers, and be measured with him.
type pacer struct {
	load
	gap   time.Duration // between two requests of one connection
	conns []*pacedConn
	polls []unix.PollFd
	in    []byte
	tally
}

type pacedConn struct {
	fd       int
	due      time.Time // of the request that waits for its answer, or is sent next
	waits    bool      // for an answer
	answered int       // bytes of it
	head     []byte    // of the answer, until it is whole
	length   int       // of the answer with its head, once that is read
}

// paced sends so many requests a second until a time is over or stop is closed. A
// request takes its time from when it was due, though its connection was not free.
func (l load) paced(tb testing.TB, lasting time.Duration, rate float64, stop <-chan struct{}) tally {
	tb.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := &pacer{load: l, gap: time.Duration(float64(l.conns) / rate * float64(time.Second)), in: make([]byte, 256<<10)}
	began := time.Now()
	for i := range l.conns {
		c, err := dialed(l.addr)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = unix.Close(c) })
		p.conns = append(p.conns, &pacedConn{fd: c, due: began.Add(p.gap * time.Duration(i) / time.Duration(l.conns))})
		p.polls = append(p.polls, unix.PollFd{Fd: int32(c), Events: unix.POLLIN})
	}
	for end := began.Add(lasting); time.Now().Before(end) && len(p.errors) == 0; {
		select {
		case <-stop:
			return p.sum(began)
		default:
		}
		next := p.send(time.Now())
		p.wait(time.Until(next))
	}
	return p.sum(began)
}

func (p *pacer) sum(began time.Time) tally {
	p.answers = len(p.took)
	p.rate = float64(p.answers) / time.Since(began).Seconds()
	slices.Sort(p.took)
	return p.tally
}

// send sends what is due, and says when something is due next.
func (p *pacer) send(now time.Time) (next time.Time) {
	next = now.Add(time.Second)
	for _, c := range p.conns {
		if c.waits {
			continue
		}
		if c.due.After(now) {
			if c.due.Before(next) {
				next = c.due
			}
			continue
		}
		if _, err := unix.Write(c.fd, p.request); err != nil {
			p.errors = append(p.errors, err)
			return next
		}
		c.waits = true
	}
	return next
}

// wait reads what is answered until something is due.
func (p *pacer) wait(lasting time.Duration) {
	timeout := unix.NsecToTimespec(max(lasting, 0).Nanoseconds())
	n, err := unix.Ppoll(p.polls, &timeout, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		p.errors = append(p.errors, err)
	}
	for i := 0; n > 0 && i < len(p.polls); i++ {
		if p.polls[i].Revents == 0 {
			continue
		}
		n--
		if err := p.read(p.conns[i]); err != nil {
			p.errors = append(p.errors, err)
		}
	}
}

// read reads of an answer what has come.
func (p *pacer) read(c *pacedConn) error {
	n, err := unix.Read(c.fd, p.in)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if n == 0 {
		return io.ErrUnexpectedEOF
	}
	c.answered += n
	if c.length == 0 {
		c.head = append(c.head, p.in[:n]...)
		if c.length, err = p.lengthOf(c.head); err != nil || c.length == 0 {
			return err
		}
	}
	if c.answered < c.length {
		return nil
	}
	p.took = append(p.took, time.Since(c.due))
	c.due, c.waits, c.answered, c.length, c.head = c.due.Add(p.gap), false, 0, 0, c.head[:0]
	return nil
}

// lengthOf is the length of an answer with its head; 0 while the head is not whole.
func (p *pacer) lengthOf(head []byte) (int, error) {
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, nil
	}
	if string(head[9:12]) != p.status {
		return 0, fmt.Errorf("answered %q, want %s", head[:end], p.status)
	}
	_, after, _ := bytes.Cut(head[:end], lengthIs)
	text, _, _ := bytes.Cut(after, []byte("\r\n"))
	length, err := strconv.Atoi(string(text))
	if err != nil && p.status != "304" { // which has no body, and need not say so
		return 0, fmt.Errorf("the length of an answer: %w", err)
	}
	return end + 4 + length, nil
}

// dialed connects to host:port.
func dialed(addr string) (int, error) {
	to, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())}); err != nil {
		return 0, err
	}
	return fd, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
}

// TestPaced sends as many as are due, each once, and tells of an answer that is not
// what was wanted.
func TestPaced(t *testing.T) {
	var asked atomic.Int64
	body := bytes.Repeat([]byte("x"), 300<<10) // more than is read at once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	defer server.Close()
	addr := strings.TrimPrefix(server.URL, "http://")
	stop := make(chan struct{})
	time.AfterFunc(500*time.Millisecond, func() { close(stop) })
	got := aLoad(addr, "/", "200").paced(t, time.Minute, 1000, stop)
	// Of those that were sent some may not be answered at the end; a busy machine sends fewer.
	if n := int(asked.Load()); len(got.errors) != 0 || got.answers == 0 || got.answers > n || n > got.answers+64 || n > 600 || got.p(0) <= 0 {
		t.Errorf("%d answers to %d requests, %v", got.answers, n, got.errors)
	}
	if wrong := aLoad(addr, "/", "304").paced(t, time.Minute, 1000, nil); len(wrong.errors) == 0 {
		t.Error("a status that was not wanted is no error")
	}
}
