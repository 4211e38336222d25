package postgres

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ratecard/domain"
)

// OldestServer is the oldest major version of PostgreSQL that is used.
const OldestServer = 15

// patience bounds the first connection, so that a start against a host that
// swallows packets ends with a message.
const patience = 10 * time.Second

// fewestConns are needed at once: migrating holds a lock on one connection
// and works on another.
const fewestConns = 2

// Config says which database to use and how.
type Config struct {
	DSN      string          // a URL or keyword=value pairs; holds the password and is never shown
	MaxConns int32           // at least 2; 0: as the DSN says, else four, or one per processor if that is more
	Tracer   pgx.QueryTracer // nil: none
}

// Store is a pool of connections to one database.
type Store struct {
	pool *conns
}

// Open connects and checks that the server is there and new enough: see New and
// Greet for its errors.
func Open(ctx context.Context, c Config) (*Store, error) {
	store, err := New(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := store.Greet(ctx); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// New prepares connections to a server that need not be there yet: KindInvalid
// where the DSN cannot be read. Its errors never say the password.
func New(ctx context.Context, c Config) (*Store, error) {
	settings, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		// The parser's own text may quote the DSN, and the password with it.
		return nil, domain.Errorf(domain.KindInvalid,
			"the database's address cannot be read: expected postgres://user:password@host:port/database or host=… dbname=… pairs")
	}
	if c.MaxConns > 0 {
		settings.MaxConns = c.MaxConns
	}
	settings.MaxConns = max(settings.MaxConns, fewestConns)
	settings.ConnConfig.Tracer = c.Tracer
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, domain.Wrap(domain.KindInternal, err, "the connections to the database could not be set up")
	}
	return &Store{pool: &conns{Pool: pool}}, nil
}

// Greet sees that the server is there and new enough: KindUnavailable where nobody
// answers or the server refuses us, KindConflict where it is too old. Its errors say
// which host and database, never the password.
func (s *Store) Greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var version string
	if err := s.pool.QueryRow(ctx, "SHOW server_version_num").Scan(&version); err != nil {
		return domain.Wrap(domain.KindUnavailable, err, "cannot reach %s; is PostgreSQL running there, and may this user use it?", s.Where())
	}
	return tooOld(s.Where(), version)
}

// tooOld refuses a server_version_num below what is needed.
func tooOld(where, version string) error {
	number, err := strconv.Atoi(version)
	if err != nil {
		return domain.Wrap(domain.KindInternal, err, "%s does not say its version", where)
	}
	if major := number / 10000; major < OldestServer {
		return domain.Errorf(domain.KindConflict, "%s is PostgreSQL %d; version %d or newer is needed", where, major, OldestServer)
	}
	return nil
}

// Where names the database for messages: host, port and database, no user and
// no password.
func (s *Store) Where() string {
	c := s.pool.Config().ConnConfig
	return fmt.Sprintf("database %q at %s", c.Database, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))
}

// Pool gives the pool, for what keeps tables of its own in the same database.
func (s *Store) Pool() *pgxpool.Pool { return s.pool.Pool }

// Ping reports whether the database answers: KindUnavailable or KindTimeout
// where it does not.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return problem(err, "asking %s for a sign of life", s.Where())
	}
	return nil
}

// Close waits for the connections that are in use and closes all.
func (s *Store) Close() { s.pool.Close() }
