package ports

import (
	"context"

	"ratecard/domain"
)

// Pages keeps pages as they came.
type Pages interface {
	// Put stores a page and gives its id. The same body of the same source is
	// stored once: its id is given again.
	Put(ctx context.Context, page domain.Page) (id int64, err error)
	// Latest gives the page of a source that came last, without its body: the one
	// stored last, or an earlier one that a run has read again since. KindNotFound
	// where there is none.
	Latest(ctx context.Context, provider domain.ProviderID, source string) (domain.Page, error)
	// Page gives a stored page; KindNotFound where there is none of that id.
	Page(ctx context.Context, id int64) (domain.Page, error)
}
