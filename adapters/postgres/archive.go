package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Archive implements ports.Archive.
type Archive struct {
	pool *conns
}

var _ ports.Archive = (*Archive)(nil)

// NewArchive reads from the store's database which pages were read when.
func NewArchive(s *Store) *Archive { return &Archive{pool: s.pool} }

// Reads implements ports.Archive.
func (a *Archive) Reads(ctx context.Context, provider domain.ProviderID) ([]ports.PageRead, error) {
	var reads []ports.PageRead
	err := transact(ctx, a.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.GoodReads(ctx, string(clean(provider)))
		reads = make([]ports.PageRead, len(rows))
		for i, r := range rows {
			reads[i] = ports.PageRead{Source: r.Source, PageID: r.Page, At: instant(r.At), Known: instant(r.Known)}
		}
		return err
	})
	return reads, problem(err, "reading when pages of %s were read", provider)
}

// Origins implements ports.Archive.
func (a *Archive) Origins(ctx context.Context, provider domain.ProviderID) (map[int64]ports.PageRead, error) {
	var origins map[int64]ports.PageRead
	err := transact(ctx, a.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.Origins(ctx, string(clean(provider)))
		origins = make(map[int64]ports.PageRead, len(rows))
		for _, r := range rows {
			origins[r.ID] = ports.PageRead{Source: r.Source, PageID: r.Page, At: instant(r.At)}
		}
		return err
	})
	return origins, problem(err, "reading what the rates of %s rest on", provider)
}

// Withheld implements ports.Archive.
func (a *Archive) Withheld(ctx context.Context, provider domain.ProviderID) ([]domain.HeldChange, error) {
	rows, err := db.New(a.pool).WithheldChanges(ctx, string(clean(provider)))
	list := make([]domain.HeldChange, len(rows))
	for i, r := range rows {
		list[i] = domain.HeldChange{
			Key: domain.RateKey{
				Model: domain.ModelKey{Provider: provider, ID: r.Model}, Layer: domain.LayerList,
				Tier: domain.Tier(r.Tier), Meter: domain.Meter(r.Meter), Region: domain.Region(r.Region), MinPromptTokens: r.MinPromptTokens,
			},
			Source: r.Source, New: amount(r.NewAmount), Since: instant(r.Since), Over: instant(r.OverAt),
		}
	}
	return list, problem(err, "reading what was held of %s", provider)
}
