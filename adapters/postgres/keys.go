package postgres

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Keys implements ports.Keys.
type Keys struct {
	pool *conns
}

var _ ports.Keys = (*Keys)(nil)

// NewKeys keeps API keys in the store's database.
func NewKeys(s *Store) *Keys { return &Keys{pool: s.pool} }

// Create implements ports.Keys.
func (k *Keys) Create(ctx context.Context, key domain.APIKey) (domain.APIKey, error) {
	var made domain.APIKey
	err := k.once(ctx, func(q *db.Queries) (err error) {
		made, err = created(ctx, q, key, "")
		return err
	})
	return made, problem(err, "storing key %q", key.Name)
}

// Rotate implements ports.Keys.
func (k *Keys) Rotate(ctx context.Context, successor domain.APIKey, until time.Time) (made, old domain.APIKey, err error) {
	err = k.once(ctx, func(q *db.Queries) error {
		if old, err = locked(ctx, q, successor.Replaces); err != nil {
			return err
		}
		if !old.Valid(successor.CreatedAt) {
			return domain.Errorf(domain.KindConflict, "key %d is valid no longer, so there is nothing to rotate; make a new one", old.ID)
		}
		if successor.ExpiresAt.IsZero() {
			successor.ExpiresAt = old.ExpiresAt
		}
		successor.RequestsPerMinute = cmp.Or(successor.RequestsPerMinute, old.RequestsPerMinute)
		r, err := q.ExpireKey(ctx, timestamp(until), old.ID)
		if err != nil {
			return err
		}
		old = apiKey(r)
		successor.Name, successor.Scope = old.Name, old.Scope
		made, err = created(ctx, q, successor, old.ExpiresAt.Format(time.RFC3339Nano))
		return err
	})
	return made, old, problem(err, "rotating key %d", successor.Replaces)
}

// once runs work in a transaction that is not tried again: a second try of a
// key that was stored would meet itself.
func (k *Keys) once(ctx context.Context, work func(*db.Queries) error) error {
	return pgx.BeginTxFunc(ctx, k.pool, writing, func(tx pgx.Tx) error { return work(db.New(tx)) })
}

// created stores a key and tells of it.
func created(ctx context.Context, q *db.Queries, key domain.APIKey, replacedExpires string) (domain.APIKey, error) {
	r, err := q.InsertKey(ctx, keyRow(key))
	if err != nil {
		return domain.APIKey{}, err
	}
	made := apiKey(r)
	return made, tell(ctx, q, keyEvent(ctx, domain.EventKeyCreated, made, replacedExpires, made.CreatedAt))
}

func keyEvent(ctx context.Context, kind domain.EventKind, key domain.APIKey, replacedExpires string, at time.Time) domain.Event {
	actor, _ := ports.ActorOf(ctx)
	p := domain.KeyPayload{
		KeyID: key.ID, Name: key.Name, Prefix: key.Prefix, Scope: key.Scope,
		Replaces: key.Replaces, ReplacedExpires: replacedExpires, By: actor.By,
		PerMinute: key.RequestsPerMinute,
	}
	if !key.ExpiresAt.IsZero() {
		p.ExpiresAt = key.ExpiresAt.Format(time.RFC3339Nano)
	}
	return domain.Event{At: at, Kind: kind, Payload: p}
}

// locked gives a key that nobody else changes until the transaction ends.
func locked(ctx context.Context, q *db.Queries, id int64) (domain.APIKey, error) {
	r, err := q.LockKey(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.APIKey{}, domain.Errorf(domain.KindNotFound, "there is no key %d", id)
	}
	if err != nil {
		return domain.APIKey{}, err
	}
	return apiKey(r), nil
}

// Revoke implements ports.Keys.
func (k *Keys) Revoke(ctx context.Context, id int64, at time.Time) (domain.APIKey, error) {
	var key domain.APIKey
	err := transact(ctx, k.pool, writing, func(q *db.Queries) (err error) {
		if key, err = locked(ctx, q, id); err != nil || !key.RevokedAt.IsZero() {
			return err
		}
		r, err := q.RevokeKey(ctx, timestamp(at), id)
		if err != nil {
			return err
		}
		key = apiKey(r)
		return tell(ctx, q, keyEvent(ctx, domain.EventKeyRevoked, key, "", at))
	})
	return key, problem(err, "revoking key %d", id)
}

// List implements ports.Keys.
func (k *Keys) List(ctx context.Context) ([]domain.APIKey, error) {
	var list []domain.APIKey
	err := transact(ctx, k.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.ListKeys(ctx)
		list = make([]domain.APIKey, len(rows))
		for i, r := range rows {
			list[i] = apiKey(r)
		}
		return err
	})
	return list, problem(err, "listing keys")
}

// Used implements ports.Keys.
func (k *Keys) Used(ctx context.Context, id int64, at time.Time) error {
	err := transact(ctx, k.pool, writing, func(q *db.Queries) error { return q.UseKey(ctx, timestamp(at), id) })
	return problem(err, "noting that key %d was used", id)
}
