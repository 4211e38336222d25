package postgres

import (
	"context"
	"encoding/json"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Audit implements ports.Audit.
type Audit struct {
	pool *conns
}

var _ ports.Audit = (*Audit)(nil)

// NewAudit reads from the store's database what administrators did.
func NewAudit(s *Store) *Audit { return &Audit{pool: s.pool} }

// Audit implements ports.Audit.
func (a *Audit) Audit(ctx context.Context, before int64, limit int) ([]domain.AuditEntry, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := db.New(a.pool).Audit(ctx, before, int64(limit))
	if err != nil {
		return nil, problem(err, "reading the audit")
	}
	entries := make([]domain.AuditEntry, len(rows))
	for i, r := range rows {
		if entries[i], err = auditEntry(r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// mostAudited is how many changes of one action are kept with it: an import of
// years of prices has its own events.
const mostAudited = 100

// audit writes down, by the events of which there are so many, what the administrator
// did in whose name the transaction runs, if it runs in anybody's.
func audit(ctx context.Context, q *db.Queries, count int, event func(int) domain.Event) error {
	actor, asked := ports.ActorOf(ctx)
	if !asked || count == 0 {
		return nil
	}
	some := make([]domain.Event, min(count, mostAudited))
	for i := range some {
		some[i] = event(i)
	}
	text, err := json.Marshal(domain.AuditOf(some))
	if err != nil {
		return domain.Wrap(domain.KindInternal, err, "what %s changed cannot be written", actor.Action)
	}
	return q.InsertAudit(ctx, db.InsertAuditParams{
		At: timestamp(actor.At), By: clean(actor.By), Address: clean(actor.Address), Action: clean(actor.Action), Request: clean(actor.Request),
		Changes: text, Total: int32(count),
	})
}
