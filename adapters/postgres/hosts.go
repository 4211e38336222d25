package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Hosts implements ports.Turns and ports.Robots.
type Hosts struct {
	pool *conns
	now  func() time.Time
}

var (
	_ ports.Turns  = (*Hosts)(nil)
	_ ports.Robots = (*Hosts)(nil)
)

// NewHosts keeps in the store's database what is known of hosts. Turns go by the
// database's clock, which is the same for every replica, unless another is given:
// that of a world in which time is simulated.
func NewHosts(s *Store, simulated func() time.Time) *Hosts { return &Hosts{s.pool, simulated} }

// Take implements ports.Turns.
func (h *Hosts) Take(ctx context.Context, host string, gap, patience time.Duration) (time.Duration, bool, error) {
	host = clean(host)
	var wait int64
	var taken bool
	err := transact(ctx, h.pool, writing, func(q *db.Queries) error {
		var err error
		now := h.clock()
		wait, err = q.TakeTurn(ctx, db.TakeTurnParams{Host: host, Now: now, Gap: interval(gap), Patience: interval(patience)})
		if taken = err == nil; errors.Is(err, pgx.ErrNoRows) {
			wait, err = q.NextTurn(ctx, db.NextTurnParams{Host: host, Now: now, Gap: interval(gap)})
		}
		return err
	})
	return max(0, time.Duration(wait)*time.Microsecond), taken, problem(err, "taking a turn at %s", host)
}

// File implements ports.Robots.
func (h *Hosts) File(ctx context.Context, origin string) (ports.RobotsFile, error) {
	origin = clean(origin)
	row, err := db.New(h.pool).RobotsFile(ctx, origin)
	if errors.Is(err, pgx.ErrNoRows) {
		return ports.RobotsFile{}, domain.Errorf(domain.KindNotFound, "no robots.txt of %s was kept", origin)
	}
	return ports.RobotsFile{Body: row.Body, At: instant(row.FetchedAt)}, problem(err, "reading the robots.txt of %s", origin)
}

// Keep implements ports.Robots.
func (h *Hosts) Keep(ctx context.Context, origin string, file ports.RobotsFile) error {
	origin = clean(origin)
	body := file.Body
	if body == nil {
		body = []byte{}
	}
	err := transact(ctx, h.pool, writing, func(q *db.Queries) error {
		return q.SaveRobotsFile(ctx, db.SaveRobotsFileParams{Origin: origin, Body: body, FetchedAt: timestamp(file.At)})
	})
	return problem(err, "keeping the robots.txt of %s", origin)
}

// clock is what time it is; null leaves that to the database.
func (h *Hosts) clock() pgtype.Timestamptz {
	if h.now == nil {
		return pgtype.Timestamptz{}
	}
	return timestamp(h.now())
}

func interval(d time.Duration) pgtype.Interval {
	return pgtype.Interval{Microseconds: d.Microseconds(), Valid: true}
}
