package ports

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ManualRate is a rate that an administrator entered, beside what it overlays.
type ManualRate struct {
	domain.Rate
	List   *decimal.Decimal // the list price of the same key: now for a rate in force, else as the rate begins; nil: none is known
	By     string           // who entered it; empty where its event is no longer kept
	Reason string           // why
}

// ManualRates answers which rates administrators entered.
type ManualRates interface {
	// Manual gives every manual rate that is believed: past, in force at the
	// instant, and scheduled, newest beginning first. One that was withdrawn
	// before it began is none.
	Manual(ctx context.Context, at time.Time) ([]ManualRate, error)
}
