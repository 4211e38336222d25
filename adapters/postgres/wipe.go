package postgres

import "context"

// Wipe empties the database: everything of ours and of the job queue's is gone
// for good. The demo begins with it, in a database that is the demo's alone.
func Wipe(ctx context.Context, s *Store) error {
	const all = "DROP SCHEMA IF EXISTS " + QueueSchema + " CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
	_, err := s.pool.Exec(ctx, all)
	return problem(err, "emptying %s", s.Where())
}
