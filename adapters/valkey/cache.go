package valkey

import (
	"context"
	"slices"
	"time"

	"github.com/valkey-io/valkey-go"

	"ratecard/ports"
)

const (
	atOnce      = 500             // keys of one question
	bulk        = 2 * time.Second // patience with one of those
	rememberFor = time.Hour       // at most, what the server would have told us of otherwise
)

// Cache keeps copies that all replicas share. What is asked for again and again is
// remembered here until the server says that it has changed.
type Cache struct{ client *Client }

var _ ports.Cache = Cache{}

// NewCache keeps copies in a Valkey.
func NewCache(client *Client) Cache { return Cache{client} }

// Get implements ports.Cache.
func (c Cache) Get(ctx context.Context, key string) (value []byte) {
	_ = c.client.do(ctx, patience, func(ctx context.Context, v valkey.Client) (err error) {
		value, err = found(v.DoCache(ctx, v.B().Get().Key(key).Cache(), rememberFor))
		return err
	})
	return value
}

// Collect implements ports.Cache.
func (c Cache) Collect(ctx context.Context, keys []string) [][]byte {
	values := make([][]byte, len(keys))
	rest := values
	for some := range slices.Chunk(keys, atOnce) {
		part := rest[:len(some)]
		rest = rest[len(some):]
		err := c.client.do(ctx, bulk, func(ctx context.Context, v valkey.Client) error {
			ask := make([]valkey.Completed, len(some))
			for i, key := range some {
				ask[i] = v.B().Get().Key(key).Build()
			}
			for i, answer := range v.DoMulti(ctx, ask...) {
				var err error
				if part[i], err = found(answer); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			break // the others would not be had either
		}
	}
	return values
}

// found tells apart what is missing from what went wrong.
func found(answer valkey.ValkeyResult) ([]byte, error) {
	value, err := answer.AsBytes()
	if valkey.IsValkeyNil(err) {
		return nil, nil
	}
	return value, err
}

// Keep implements ports.Cache.
func (c Cache) Keep(ctx context.Context, copies []ports.Copy) {
	for some := range slices.Chunk(copies, atOnce) {
		err := c.client.do(ctx, bulk, func(ctx context.Context, v valkey.Client) error {
			ask := make([]valkey.Completed, len(some))
			for i, one := range some {
				ask[i] = v.B().Set().Key(one.Key).Value(valkey.BinaryString(one.Value)).PxMilliseconds(one.For.Milliseconds()).Build()
			}
			for _, answer := range v.DoMulti(ctx, ask...) {
				if err := answer.Error(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return
		}
	}
}
