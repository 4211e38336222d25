package postgres_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// A door is the way to a server, which can be shut.
type door struct {
	net.Listener
	shut  atomic.Bool
	knock atomic.Int64 // how often somebody came while it was shut

	mu   sync.Mutex
	open []net.Conn
}

// newDoor gives the way to a server, and where the same database is behind it.
func newDoor(t *testing.T, dsn string) (*door, string) {
	to, err := pgconn.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: listener}
	t.Cleanup(func() { _ = listener.Close(); d.close() })
	network, address := pgconn.NetworkAddress(to.Host, to.Port)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			d.let(conn, network, address)
		}
	}()
	return d, fmt.Sprintf("host=127.0.0.1 port=%d user=%s password='%s' dbname=%s sslmode=disable",
		listener.Addr().(*net.TCPAddr).Port, to.User, to.Password, to.Database)
}

func (d *door) let(conn net.Conn, network, address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut.Load() {
		d.knock.Add(1)
		_ = conn.Close()
		return
	}
	server, err := net.Dial(network, address)
	if err != nil {
		_ = conn.Close()
		return
	}
	d.open = append(d.open, conn, server)
	go func() { _, _ = io.Copy(server, conn); _ = server.Close() }()
	go func() { _, _ = io.Copy(conn, server); _ = conn.Close() }()
}

// close shuts the door behind those who went.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut.Store(true)
	for _, conn := range d.open {
		_ = conn.Close()
	}
	d.open = nil
}

// TestWhoAsksInVain: the first waits for a server that may only be starting again,
// those after him are told at once; when it is back, everybody is answered again.
func TestWhoAsksInVain(t *testing.T) {
	d, dsn := newDoor(t, pgtest.DSN(t))
	s := openAt(t, postgres.Config{DSN: dsn})
	c := postgres.NewCatalogue(s)
	ask := func() error { _, err := c.Changes(t.Context()); return err }
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	d.close()
	tries := func() int64 {
		before := d.knock.Load()
		if err := ask(); domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("got %v, want that the database is away", err)
		}
		return d.knock.Load() - before
	}
	if n := tries(); n < 8 {
		t.Errorf("whoever asked first tried %d times", n)
	}
	for range 3 {
		if n := tries(); n > 4 { // the pool itself connects up to three times
			t.Errorf("whoever asked later tried %d times", n)
		}
	}
	d.shut.Store(false)
	if err := ask(); err != nil {
		t.Errorf("it is back, and whoever asks gets %v", err)
	}
	d.close()
	if n := tries(); n < 8 {
		t.Errorf("away once more, whoever asked first tried %d times", n)
	}
}
