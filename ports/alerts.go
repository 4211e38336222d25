package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Alerts remembers of which events each receiver was told.
type Alerts interface {
	// Told gives the id of the last event that a receiver was told of. One that is
	// new begins with what happens from now on: the newest event's id is
	// remembered for it.
	Told(ctx context.Context, receiver string, now time.Time) (lastEvent int64, err error)
	// Tell remembers that a receiver was told of the events up to one, having been
	// told of those up to another before, and writes an event that says so where
	// sent is not nil. Where somebody else was faster it changes nothing.
	Tell(ctx context.Context, receiver string, before, upTo int64, sent *domain.Event, now time.Time) error
}

// Messenger brings words to people.
type Messenger interface {
	// Receivers names where words go; a name holds no secret and stays the same
	// as long as the address does.
	Receivers() []string
	// Send brings them to one receiver. KindUpstream where it does not take them;
	// the error holds nothing of the address.
	Send(ctx context.Context, receiver, title, text string) error
}
