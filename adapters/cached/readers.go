package cached

import (
	"context"

	"ratecard/domain"
	"ratecard/ports"
)

// Keys are the API keys of a store. Those that may read are copied for a start
// while it is away, by the hashes of their secrets. None that may more is: who
// can write to the cache could make one.
type Keys struct {
	ports.Keys
	cache ports.Cache
	packer
	lives Lifetimes
}

type readers struct{ List []domain.APIKey }

// NewKeys answers for a store.
func NewKeys(keys ports.Keys, c Config) *Keys {
	return &Keys{Keys: keys, cache: c.Cache, packer: newPacker(c.Version, c.Database), lives: c.Lifetimes}
}

// List implements ports.Keys.
func (k *Keys) List(ctx context.Context) ([]domain.APIKey, error) {
	list, err := k.Keys.List(ctx)
	if err == nil {
		var copied readers
		for _, key := range list {
			if key.Scope == domain.ScopeRead && key.RevokedAt.IsZero() {
				copied.List = append(copied.List, key)
			}
		}
		k.cache.Keep(ctx, []ports.Copy{{Key: keyKeys, Value: k.pack(keyKeys, copied), For: k.lives.Fallback}})
	}
	return list, err
}

// Fallback gives the keys that were copied last; false where none were.
func (k *Keys) Fallback(ctx context.Context) (list []domain.APIKey, is bool) {
	var copied readers
	is = k.unpack(keyKeys, k.cache.Get(ctx, keyKeys), &copied)
	for _, key := range copied.List {
		if key.Scope == domain.ScopeRead {
			list = append(list, key)
		}
	}
	return list, is
}
