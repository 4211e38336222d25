package e2e_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A deaf way leads to a database, but no notification comes back on it.
type deafWay struct {
	dsn     string // by which the database is reached on it
	dropped atomic.Int64
}

func newDeafWay(t *testing.T, dsn string) *deafWay {
	t.Helper()
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close() })
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = gate.Addr().String(), "sslmode=disable"
	way := &deafWay{dsn: u.String()}
	network, to := pgconn.NetworkAddress(c.Host, c.Port)
	go way.lead(gate, network, to)
	return way
}

func (way *deafWay) lead(gate net.Listener, network, to string) {
	for {
		client, err := gate.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), network, to)
		if err != nil {
			_ = client.Close()
			continue
		}
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		go func() { way.hush(client, server); _ = client.Close() }()
	}
}

// hush passes on what a server says, but for notifications. Its messages are a letter
// and a length, which counts itself, with so much after it.
func (way *deafWay) hush(client io.Writer, server io.Reader) {
	const header, notification = 5, 'A'
	in, out := bufio.NewReaderSize(server, 64<<10), bufio.NewWriterSize(client, 64<<10)
	for {
		head, err := in.Peek(header)
		if err != nil {
			return
		}
		to := io.Writer(out)
		if head[0] == notification {
			way.dropped.Add(1)
			to = io.Discard
		}
		if _, err := io.CopyN(to, in, 1+int64(binary.BigEndian.Uint32(head[1:]))); err != nil {
			return
		}
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}
