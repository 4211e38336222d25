package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// line is a connection line to a server that can be cut.
type line struct {
	dsn      string
	armed    atomic.Bool // the answer to the next commit is swallowed, and its connection cut
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

func listen(t *testing.T, dsn string) *line {
	t.Helper()
	server, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener}
	l.dsn = fmt.Sprintf("host=127.0.0.1 port=%d dbname=%s user=%s sslmode=disable", listener.Addr().(*net.TCPAddr).Port, server.Database, server.User)
	if server.Password != "" {
		l.dsn += " password=" + server.Password
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			network, address := pgconn.NetworkAddress(server.Host, server.Port)
			upstream, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, client, upstream)
			l.mu.Unlock()
			go l.carry(client, upstream)
		}
	}()
	t.Cleanup(l.close)
	return l
}

func (l *line) carry(client, upstream net.Conn) {
	var cut atomic.Bool
	go func() {
		answer := make([]byte, 64<<10)
		for {
			n, err := upstream.Read(answer)
			if cut.Load() && n > 0 { // the server has answered: it has committed
				_ = client.Close()
				_ = upstream.Close()
				return
			}
			if _, werr := client.Write(answer[:n]); err != nil || werr != nil {
				_ = client.Close()
				return
			}
		}
	}()
	request := make([]byte, 64<<10)
	for {
		n, err := client.Read(request)
		if bytes.Contains(request[:n], []byte("commit\x00")) && l.armed.CompareAndSwap(true, false) {
			cut.Store(true)
		}
		if _, werr := upstream.Write(request[:n]); err != nil || werr != nil {
			if errors.Is(err, io.EOF) {
				_ = upstream.Close()
			}
			return
		}
	}
}

func (l *line) close() {
	_ = l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		_ = c.Close()
	}
}
