package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Settings keeps what an administrator set at run time.
type Settings interface {
	// Settings gives what is set; the zero value where nothing was.
	Settings(ctx context.Context) (domain.Settings, error)
	// SaveSettings sets it and tells of the change in the event log, old and
	// new, by whom. The same again changes nothing.
	SaveSettings(ctx context.Context, settings domain.Settings, by string, at time.Time) error
}
