package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Keys implements ports.Keys.
type Keys struct {
	pool *pgxpool.Pool
}

var _ ports.Keys = (*Keys)(nil)

// NewKeys keeps API keys in the store's database.
func NewKeys(s *Store) *Keys { return &Keys{pool: s.pool} }

// Create implements ports.Keys.
func (k *Keys) Create(ctx context.Context, key domain.APIKey) (domain.APIKey, error) {
	// Not tried again: a second try of one that was stored would meet itself.
	r, err := db.New(k.pool).InsertKey(ctx, keyRow(key))
	if err != nil {
		return domain.APIKey{}, problem(err, "storing key %q", key.Name)
	}
	return apiKey(r), nil
}

// Find implements ports.Keys.
func (k *Keys) Find(ctx context.Context, hash [32]byte) (domain.APIKey, error) {
	return k.one(ctx, snapshot, "no valid key has that secret", func(q *db.Queries) (db.ApiKey, error) {
		return q.FindKey(ctx, hash[:])
	})
}

// Revoke implements ports.Keys.
func (k *Keys) Revoke(ctx context.Context, id int64, at time.Time) (domain.APIKey, error) {
	return k.one(ctx, writing, "there is no such key", func(q *db.Queries) (db.ApiKey, error) {
		return q.RevokeKey(ctx, timestamp(at), id)
	})
}

func (k *Keys) one(ctx context.Context, options pgx.TxOptions, missing string, ask func(*db.Queries) (db.ApiKey, error)) (domain.APIKey, error) {
	var found domain.APIKey
	err := transact(ctx, k.pool, options, func(q *db.Queries) error {
		r, err := ask(q)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Errorf(domain.KindNotFound, "%s", missing)
		}
		if err == nil {
			found = apiKey(r)
		}
		return err
	})
	return found, problem(err, "reading a key")
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
