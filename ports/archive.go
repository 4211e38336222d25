package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// PageRead is a good read of the past: what the page said was believed.
type PageRead struct {
	Source string
	PageID int64     // 0: the page is no longer kept
	At     time.Time // when the bytes came
	Known  time.Time // by when it was stored what the page said: models discovered later had no part in it
}

// Archive knows which pages were read when, so that they can be read again.
type Archive interface {
	// Reads gives the good reads of a provider's pages in the order in which
	// the bytes came. A page that came several times was read several times.
	Reads(ctx context.Context, provider domain.ProviderID) ([]PageRead, error)
	// Origins gives, for every statement on which a rate of the provider rests
	// that is believed now, the read that it came of, without Known.
	Origins(ctx context.Context, provider domain.ProviderID) (map[int64]PageRead, error)
	// Withheld gives the changes of a provider that were held and never
	// believed: key, source, new amount, since when, and until when its source
	// said so (Over; zero: it does).
	Withheld(ctx context.Context, provider domain.ProviderID) ([]domain.HeldChange, error)
}
