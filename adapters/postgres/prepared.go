package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
)

// A prepared change is one of which only the rows are left to be written.
type prepared struct {
	rows     *spool
	provider domain.ProviderID
	visible  bool    // readers see something else,
	touched  []int64 // of these models; nil: of any
	news     *spool  // what is told of it; nil: it is not announced
}

// write gives the catalogue version after the change. It announces it last: from there
// to the commit no other provider's change can be announced.
func (p prepared) write(ctx context.Context) (int64, error) {
	if err := p.rows.send(ctx); err != nil {
		return 0, err
	}
	q := db.New(p.rows.Tx)
	if p.news == nil {
		return q.CatalogueVersion(ctx)
	}
	version, err := q.RaiseCatalogueVersion(ctx)
	if err != nil {
		return 0, err
	}
	if p.visible {
		if err := q.MarkChanged(ctx, p.touched, string(p.provider)); err != nil {
			return 0, err
		}
	}
	return version, p.news.send(ctx)
}
