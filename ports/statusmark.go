package ports

import "context"

// StatusMark tells copies of Runs.Status whether they still hold.
type StatusMark interface {
	// StatusMark is cheap: rows by provider and source. It is another after every
	// change of what Runs.Status gives.
	StatusMark(ctx context.Context) (string, error)
}
