package ports

import (
	"context"
	"time"
)

// Actor is the administrator in whose name something is asked. It comes with
// the context of his request, so that the store writes what he did down in the
// very transaction that does it, whoever asks for the writing.
type Actor struct {
	At      time.Time // when he asked
	By      string    // a key, by its name
	Address string    // from which he asks
	Action  string    // the request's method and path, without what looks like a secret
	Request string    // the request's id
}

type actorKey struct{}

// WithActor gives the context of an administrator's request.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf gives the administrator who asks; false where nobody does: the
// program works by itself.
func ActorOf(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}

// Unasked gives a context for what nobody asked for and comes by itself.
func Unasked(ctx context.Context) context.Context { return context.WithValue(ctx, actorKey{}, nil) }
