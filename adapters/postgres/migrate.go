package postgres

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"ratecard/domain"
	migrations "ratecard/sql"
)

// QueueSchema is the database schema that holds the job queue's own tables.
const QueueSchema = "river"

// migrationLock is the advisory lock under which one replica migrates while
// the others wait. The number is ours alone, and means nothing.
const migrationLock int64 = 0x7261_7465_6361_7264

// Migrate brings the database's schema, and the job queue's, to what this
// program knows, and does nothing where it is there already. Of several
// replicas one migrates; the others wait for it. A schema newer than this
// program knows is refused with KindConflict, and nothing is changed.
func Migrate(ctx context.Context, s *Store, log *slog.Logger) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return problem(err, "connecting to %s", s.Where())
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return problem(err, "waiting for another program that migrates %s", s.Where())
	}
	defer unlock(ctx, conn)

	pool := stdlib.OpenDBFromPool(s.pool.Pool)
	defer pool.Close() // the wrapper alone: the store's pool stays open
	if err := migrateTables(ctx, s, pool, log); err != nil {
		return err
	}
	return migrateQueue(ctx, s, log)
}

// unlock lets the next replica in. A connection that cannot say so any more
// is closed by the server, and its lock goes with it.
func unlock(ctx context.Context, conn *pgxpool.Conn) {
	if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock); err != nil {
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
	}
}

func migrateTables(ctx context.Context, s *Store, pool *sql.DB, log *slog.Logger) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.Migrations(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return domain.Wrap(domain.KindInternal, err, "the program's own migrations cannot be read")
	}
	have, know, err := provider.GetVersions(ctx)
	if err != nil {
		return problem(err, "reading the schema version of %s", s.Where())
	}
	if have > know {
		return domain.Errorf(domain.KindConflict,
			"%s has schema version %d, and this program knows versions up to %d: a newer release has used it; run that release or a newer one, or give this one a database of its own",
			s.Where(), have, know)
	}
	done, err := provider.Up(ctx)
	for _, step := range done {
		log.InfoContext(ctx, "migrated the database", "migration", step.Source.Version, "took", step.Duration)
	}
	if err != nil {
		return problem(err, "migrating %s", s.Where())
	}
	return nil
}

func migrateQueue(ctx context.Context, s *Store, log *slog.Logger) error {
	if _, err := s.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+QueueSchema); err != nil {
		return problem(err, "creating the schema %s in %s", QueueSchema, s.Where())
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(s.pool.Pool), &rivermigrate.Config{Schema: QueueSchema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return domain.Wrap(domain.KindInternal, err, "the queue's migrations cannot be read")
	}
	result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return problem(err, "migrating the queue's tables in %s", s.Where())
	}
	if len(result.Versions) > 0 {
		log.InfoContext(ctx, "migrated the queue", "migrations", len(result.Versions))
	}
	return nil
}
