//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Server is a running PostgreSQL server. It ends when Stop is called or when the
// program is gone, by whatever cause.
type Server struct {
	cfg     Config
	bin     Installed
	access  access
	lock    *dirLock
	log     serverLog
	process *process
	done    chan struct{}
	err     error // valid when done is closed

	mu       sync.Mutex
	stopping bool
}

// Start starts the server whose data are in cfg.Dir and returns when it answers; the
// first time, it makes the database. ctx bounds the start alone, not the server's life.
//
// The errors to tell apart are *InUseError, *NotFoundError, *VersionError,
// *DirectoryError, *ProcessError and ErrUnsupported; each says what to do.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	began := time.Now()
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	data := filepath.Join(cfg.Dir, "data")
	as, err := serverAccount(data)
	if err != nil {
		return nil, err
	}
	if err := prepareDir(cfg.Dir); err != nil {
		return nil, err
	}
	lock, err := lockDir(ctx, cfg.Dir)
	if err != nil {
		return nil, unusableDir(cfg.Dir, err)
	}
	s := &Server{cfg: cfg, lock: lock, done: make(chan struct{})}
	if err := s.launch(ctx, as, data); err != nil {
		if ctx.Err() != nil { // whatever failed, failed for that
			err = fmt.Errorf("starting PostgreSQL in %s was called off: %w", cfg.Dir, context.Cause(ctx))
		}
		return nil, errors.Join(unusableDir(cfg.Dir, err), lock.release())
	}
	go s.follow()
	if err := s.prepareDatabase(ctx); err != nil {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Stop(now) // what went wrong before is what counts
		return nil, err
	}
	cfg.logger().Info("PostgreSQL of its own is ready", slog.String("version", s.bin.Version),
		slog.String("dir", cfg.Dir), slog.Duration("took", time.Since(began).Round(time.Millisecond)))
	return s, nil
}

// launch does what comes before the server answers, in the directory that is claimed.
func (s *Server) launch(ctx context.Context, as account, data string) error {
	if err := as.canEnter(ctx, s.cfg.Dir); err != nil {
		return err
	}
	if err := removeUnfinished(s.cfg.Dir); err != nil {
		return err
	}
	major, err := dataMajor(data)
	if err != nil {
		return err
	}
	if s.bin, err = findBinaries(ctx, s.cfg, packagePlaces, as, data, major); err != nil {
		return err
	}
	if major == 0 {
		if err := makeCluster(ctx, s.cfg, as, s.bin, s.lock, data); err != nil {
			return err
		}
	}
	if err := refuseForeignServer(data); err != nil {
		return err
	}
	if s.access, err = openAccess(s.cfg.Dir, as); err != nil {
		return err
	}
	if s.log, err = openLog(s.cfg.Dir); err != nil {
		return err
	}
	defer s.log.file.Close() // the server has it
	if s.process, err = launch(as, s.bin, s.cfg, s.access, s.lock, s.log.file); err != nil {
		return errors.Join(err, s.access.discard())
	}
	return nil
}

// follow waits for the server's end and makes it known.
func (s *Server) follow() {
	<-s.process.ended
	s.mu.Lock()
	expected := s.stopping
	s.mu.Unlock()
	if !expected {
		lines := s.log.tail(12)
		s.err = &ProcessError{Program: "postgres", Output: lines, LogFile: s.log.path,
			Advice: adviceFor(lines, s.cfg.Dir), Err: endedByItself(s.process.err)}
		s.cfg.logger().Error("PostgreSQL of its own ended by itself", slog.Any("error", s.err))
	}
	if err := s.lock.release(); err != nil {
		s.cfg.logger().Warn("releasing the lock on the database's directory", slog.Any("error", err))
	}
	close(s.done)
}

func endedByItself(err error) error {
	if err == nil {
		return errors.New("it ended by itself")
	}
	return err
}

// prepareDatabase waits until the server answers and makes the database when it is
// not there yet.
func (s *Server) prepareDatabase(ctx context.Context) (err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var contrib, exists bool
	err = conn.QueryRow(ctx, `SELECT
		EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist'),
		EXISTS (SELECT FROM pg_database WHERE datname = $1)`, databaseName).Scan(&contrib, &exists)
	if err != nil {
		return err
	}
	if !contrib {
		return &ProcessError{Program: "postgres", Err: fmt.Errorf("the PostgreSQL in %s lacks the extension btree_gist", s.bin.Dir),
			Advice: "Install PostgreSQL's additional modules as well (Fedora: dnf install postgresql-contrib; Debian and Ubuntu have them in postgresql)"}
	}
	if !exists {
		_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{databaseName}.Sanitize())
	}
	return err
}

// connect tries until the server accepts a connection, refuses one for good, or ends.
// A server that was cut off recovers first, which may take its time.
func (s *Server) connect(ctx context.Context) (*pgx.Conn, error) {
	patience := time.NewTicker(10 * time.Second)
	defer patience.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.access.dsn("postgres"))
		if err == nil {
			return conn, nil
		}
		const cannotConnectNow = "57P03"
		var refusal *pgconn.PgError
		if errors.As(err, &refusal) && refusal.Code != cannotConnectNow {
			return nil, err
		}
		select {
		case <-s.done:
			return nil, s.err
		case <-ctx.Done():
			return nil, &ProcessError{Program: "postgres", Output: s.log.tail(12), LogFile: s.log.path,
				Err: fmt.Errorf("it did not answer in time: %w; the last attempt: %w", context.Cause(ctx), err)}
		case <-patience.C:
			s.cfg.logger().Warn("still waiting for PostgreSQL of its own", slog.Any("error", err), slog.String("log", s.log.path))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// DSN is the connection string of the server's database, in the form of a URL. It is
// of use to the user who runs the program alone; there is no password in it.
func (s *Server) DSN() string { return s.access.dsn(databaseName) }

// Version is the server's version, such as "17.2".
func (s *Server) Version() string { return s.bin.Version }

// Done is closed when the server has ended; Err then says why.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil while the server runs and after a Stop; otherwise it says how the server
// came to end.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends the server and returns when it is gone. Sessions are cut off and
// everything is written. When ctx ends before that, the server is stopped without
// delay, losing nothing that was committed, and Stop returns an error that says so.
// To call it again, or at the same time, is harmless.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	s.process.order(endFast)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.process.order(endAtOnce)
	select {
	case <-s.done:
	case <-time.After(7 * time.Second): // by then PostgreSQL itself has killed what hung
		s.process.order(endKilled)
		<-s.done
	}
	return fmt.Errorf("PostgreSQL in %s had no time to end in order and will recover at its next start: %w", s.cfg.Dir, context.Cause(ctx))
}
