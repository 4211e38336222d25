package jobs

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// insertTries is how often jobs are put in whose insertion the database ends
// for another's sake. It takes a second to do so.
const insertTries = 5

// insertMany puts jobs in, all or none. An insertion holds on to jobs that are
// there already, and so does River when it ticks off many that are done: each
// in an order of its own, so that one may be ended for the other's sake. It has
// changed nothing then and is done again. (River does its own again too.)
func insertMany(ctx context.Context, client *river.Client[pgx.Tx], jobs []river.InsertManyParams) (there []*rivertype.JobInsertResult, err error) {
	for range insertTries {
		if there, err = client.InsertMany(ctx, jobs); !deadlocked(err) {
			break
		}
	}
	return there, err
}

func deadlocked(err error) bool {
	var ended *pgconn.PgError
	return errors.As(err, &ended) && ended.Code == "40P01"
}
