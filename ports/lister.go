package ports

import (
	"context"

	"ratecard/domain"
)

// Lister asks a provider for its models.
type Lister interface {
	// List gives every model of the provider's list, over all its pages, once
	// each, with what the API says of it and nothing decided. KindNoKey where
	// the provider needs a key and none is set, KindUpstreamAuth where the key
	// is refused, else the fetcher's kinds; KindUpstream where the answer is
	// not what the dialect promises. A list that breaks off in the middle is
	// given with Complete false and no error, if at least one page came.
	List(ctx context.Context, provider domain.Provider) (domain.Listing, error)
}
