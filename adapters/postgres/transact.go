package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ratecard/gen/db"
)

// conns are connections to one server.
type conns struct {
	*pgxpool.Pool
	away atomic.Bool // somebody has waited for it in vain, and nobody has reached it since
}

// pauses are the waits before a transaction is run again. Together they
// outlast the restart of a server; what is away for longer is reported, and then at
// once to whoever asks: there may be many.
var pauses = []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond}

var (
	// A snapshot shows all of its queries the same state.
	snapshot = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	// A snapshot for questions about one model: few rows of large tables, which
	// are found alike whichever model it is. To plan each question anew would
	// take longer than to answer it, with a partition for every year.
	oneModel = pgx.TxOptions{BeginQuery: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_generic_plan"}
	// A writer takes its lock first, and each later statement has to see what
	// was committed while it waited. In a snapshot taken with the first
	// statement it would not: hence not repeatable read.
	writing = pgx.TxOptions{IsoLevel: pgx.ReadCommitted}
)

// final marks an error that is not the database's: the transaction is rolled
// back and not run again.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// transact runs work in a transaction, and the whole of it again where it lost
// a race or its connection. An acknowledgement of the commit that was lost on
// the way also leads to another run, so work must see what is stored and
// change nothing twice.
func transact(ctx context.Context, pool *conns, options pgx.TxOptions, work func(*db.Queries) error) error {
	return transactOn(ctx, pool, options, func(tx pgx.Tx) error { return work(db.New(tx)) })
}

// transactOn is transact for work that needs the transaction itself.
func transactOn(ctx context.Context, pool *conns, options pgx.TxOptions, work func(pgx.Tx) error) error {
	return repeat(ctx, pool, func(conn *pgxpool.Conn) error { return pgx.BeginTxFunc(ctx, conn, options, work) })
}

// alone runs one statement as a transaction of its own, which saves the way to
// the server and back twice, and repeats it as transact does.
func alone(ctx context.Context, pool *conns, statement func(*db.Queries) error) error {
	return repeat(ctx, pool, func(conn *pgxpool.Conn) error { return statement(db.New(conn)) })
}

func repeat(ctx context.Context, pool *conns, work func(*pgxpool.Conn) error) error {
	for _, pause := range pauses {
		again, err := attempt(ctx, pool, work)
		if err == nil || !again || pool.away.Load() {
			return err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return err
		}
	}
	again, err := attempt(ctx, pool, work)
	if again && !lostRace(err) {
		pool.away.Store(true)
	}
	return err
}

// attempt does the work once; again says whether it may go better another time.
func attempt(ctx context.Context, pool *conns, work func(*pgxpool.Conn) error) (again bool, err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return ctx.Err() == nil, err
	}
	defer conn.Release()
	err = work(conn)
	if !conn.Conn().IsClosed() && pool.away.Load() {
		pool.away.Store(false)
	}
	var f final
	switch {
	case err == nil:
		return false, nil
	case errors.As(err, &f):
		return false, f.error
	case ctx.Err() != nil:
		return false, err
	case conn.Conn().IsClosed():
		// What broke this connection has likely broken the others.
		pool.Reset()
		return true, err
	default:
		return lostRace(err) || goesDown(err), err
	}
}

// lostRace reports whether the server ended a transaction for another's sake.
func lostRace(err error) bool {
	return coded(err, "40001", "40P01") // serialization failure, deadlock
}

// goesDown reports whether the server goes down, has crashed or is not up yet.
func goesDown(err error) bool { return coded(err, "57P01", "57P02", "57P03") }

func coded(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
