package valkey

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"

	"github.com/valkey-io/valkey-go"

	"ratecard/ports"
)

// leaseScript notes what a replica holds of a bucket, and lets it take more where
// all hold less than the limit. A bucket is a hash of what each replica holds: so
// whatever is lost here is known again when they ask next.
var leaseScript = valkey.NewLuaScript(`
local left = tonumber(ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local held = redis.call('HVALS', KEYS[1])
for _, n in ipairs(held) do left = left - tonumber(n) end
local granted = math.max(0, math.min(tonumber(ARGV[3]), left))
if granted > 0 then redis.call('HINCRBY', KEYS[1], ARGV[1], granted) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {granted, math.max(0, left - granted), #held}`)

// Leases shares limits out among the replicas of one Valkey.
type Leases struct {
	client  *Client
	replica string
}

var _ ports.Leases = Leases{}

// NewLeases takes part in sharing, as one more replica.
func NewLeases(client *Client) Leases { return Leases{client, rand.Text()} }

// Lease implements ports.Leases. A bucket is forgotten soon after its window.
func (l Leases) Lease(ctx context.Context, q ports.LeaseQuery) (lease ports.Lease, err error) {
	key := "limit:" + strconv.FormatInt(q.Window.UnixMilli(), 36) + ":" + q.Bucket
	args := []string{l.replica}
	for _, n := range []int64{q.Held, q.Want, q.Limit, (q.Length + q.Length/2).Milliseconds()} {
		args = append(args, strconv.FormatInt(n, 10))
	}
	err = l.client.do(ctx, patience, func(ctx context.Context, v valkey.Client) error {
		got, err := leaseScript.Exec(ctx, v, []string{key}, args).AsIntSlice()
		if err == nil && len(got) != 3 {
			err = errors.New("the script did not answer three numbers")
		}
		if err == nil {
			lease = ports.Lease{Granted: got[0], Left: got[1], Replicas: int(got[2])}
		}
		return err
	})
	return lease, err
}
