package memory

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

const (
	askAgain = 29 * time.Second // so that a notification that was lost is made up for within half a minute
	patience = 5 * time.Second  // of one look at the store
)

// Keyring is the API keys of a store, held here by the hashes of their secrets:
// so they are found at once, and while the store is away. What this process
// changes holds in it at once; what others change, when Follow hears of it.
type Keyring struct {
	ports.Keys
	turn sync.Mutex // of those who replace the snapshot, so that none brings back an older one
	held atomic.Pointer[map[[32]byte]*domain.APIKey]
}

var _ ports.Keys = (*Keyring)(nil)

// NewKeyring reads the keys of a store.
func NewKeyring(ctx context.Context, keys ports.Keys) (*Keyring, error) {
	k := &Keyring{Keys: keys}
	return k, k.refresh(ctx)
}

// ReviveKeyring holds keys that were copied of a store, while it is away itself.
func ReviveKeyring(keys ports.Keys, copied []domain.APIKey) *Keyring {
	k := &Keyring{Keys: keys}
	k.put(copied)
	return k
}

// Find gives the key with that hash, which many share and none changes; nil where
// there is none that is valid then.
func (k *Keyring) Find(hash [32]byte, at time.Time) *domain.APIKey {
	if key := (*k.held.Load())[hash]; key != nil && key.Valid(at) {
		return key
	}
	return nil
}

// Create implements ports.Keys.
func (k *Keyring) Create(ctx context.Context, key domain.APIKey) (domain.APIKey, error) {
	made, err := k.Keys.Create(ctx, key)
	return made, k.hold(err, made)
}

// Rotate implements ports.Keys.
func (k *Keyring) Rotate(ctx context.Context, successor domain.APIKey, until time.Time) (made, old domain.APIKey, err error) {
	made, old, err = k.Keys.Rotate(ctx, successor, until)
	return made, old, k.hold(err, made, old)
}

// Revoke implements ports.Keys.
func (k *Keyring) Revoke(ctx context.Context, id int64, at time.Time) (domain.APIKey, error) {
	key, err := k.Keys.Revoke(ctx, id, at)
	return key, k.hold(err, key)
}

// hold puts keys as they now are into the snapshot, unless err says that they
// did not change.
func (k *Keyring) hold(err error, keys ...domain.APIKey) error {
	if err != nil {
		return err
	}
	k.turn.Lock()
	defer k.turn.Unlock()
	held := maps.Clone(*k.held.Load())
	for _, key := range keys {
		held[key.Hash] = &key
	}
	k.held.Store(&held)
	return nil
}

func (k *Keyring) refresh(ctx context.Context) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	keys, err := k.List(ctx)
	if err != nil {
		return err
	}
	k.put(keys)
	return nil
}

func (k *Keyring) put(keys []domain.APIKey) {
	held := make(map[[32]byte]*domain.APIKey, len(keys))
	for _, key := range keys {
		held[key.Hash] = &key
	}
	k.held.Store(&held)
}

// Follow reads the keys again whenever it is woken, and every half minute,
// until ctx ends. While the store is away the keys stay as they were.
func (k *Keyring) Follow(ctx context.Context, woken <-chan struct{}, log *slog.Logger) {
	again := time.NewTicker(askAgain)
	defer again.Stop()
	told := false // that the store is away
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-again.C:
		}
		bounded, cancel := context.WithTimeout(ctx, patience)
		err := k.refresh(bounded)
		if err != nil && !told && ctx.Err() == nil {
			log.Warn("reading the API keys again; until it works they stay as they were", slog.Any("error", err))
		}
		told = err != nil
		cancel()
	}
}
