package postgres

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgxlisten"
)

// reconnectDelay is how long a lost connection for notifications is missed.
const reconnectDelay = time.Second

// KeysChanged is notified of by every transaction that makes, rotates or revokes
// an API key.
const KeysChanged = "ratecard_keys"

// CatalogueChanged is notified of by every transaction that raises the catalogue
// version.
const CatalogueChanged = "ratecard_catalogue"

// EventsWritten is notified of by every transaction that writes events.
const EventsWritten = "ratecard_events"

// Listen gives a signal on the channel whenever the database notifies of what is
// named, and whenever it begins to listen, since what was told before that was
// missed, and whenever it cannot, since then nothing is told. Signals that nobody
// took yet are one. It has a connection of its own, which it takes again when it is
// lost, until ctx ends; done is closed then.
func Listen(ctx context.Context, s *Store, name string, log *slog.Logger) (woken <-chan struct{}, done <-chan struct{}) {
	signal, ended := &wake{signal: make(chan struct{}, 1)}, make(chan struct{})
	listener := &pgxlisten.Listener{
		Connect: func(ctx context.Context) (*pgx.Conn, error) {
			return pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
		},
		LogError: func(_ context.Context, err error) {
			if ctx.Err() != nil {
				return
			}
			signal.give()
			if signal.deaf.CompareAndSwap(false, true) { // once, until it listens again
				log.Warn("listening for notifications", slog.String("channel", name), slog.Any("error", problem(err, "listening at %s", s.Where())))
			}
		},
		ReconnectDelay: reconnectDelay,
	}
	listener.Handle(name, signal)
	go func() {
		defer close(ended)
		_ = listener.Listen(ctx) // it ends with ctx alone, and gives its error
	}()
	return signal.signal, ended
}

// wake is a signal that stays until it is taken.
type wake struct {
	signal chan struct{}
	deaf   atomic.Bool // it does not listen now, which was told of
}

func (w *wake) give() {
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// HandleNotification implements pgxlisten.Handler.
func (w *wake) HandleNotification(context.Context, *pgconn.Notification, *pgx.Conn) error {
	w.give()
	return nil
}

// HandleBacklog implements pgxlisten.BacklogHandler.
func (w *wake) HandleBacklog(context.Context, string, *pgx.Conn) error {
	w.deaf.Store(false)
	w.give()
	return nil
}
