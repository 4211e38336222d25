package api

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// A cursor names the last model of a page: a byte that says what comes next, the
// id, NUL, the provider. Neither holds a NUL. In a walk over the catalogue of an
// instant, at and knownAt come between, in microseconds of Unix time, eight bytes
// each. In a walk by another order than that of ids, all that comes between: the
// order's place in orders, at, knownAt, and the catalogue version, which is 0
// where the walk does not depend on it. In a walk over a ranking: at, knownAt, the
// version and what names the question. It is opaque to callers.
const (
	cursorNow     = 1
	cursorThen    = 2
	cursorOrdered = 3
	cursorRanked  = 4

	instantsLength = 16
	orderedLength  = 1 + instantsLength + 8
	rankedLength   = instantsLength + 8 + 8
)

// A walk is where a listing goes on.
type walk struct {
	after   *domain.ModelKey // nil: it begins
	when    domain.AsOf      // of its beginning; zero: each page answers for its own now
	order   order
	version int64 // of the catalogue that it goes over; 0: any

	question uint64 // names the workload and the filters of a ranking; 0: of another list
}

// ask puts where a walk goes on into a query.
func (w walk) ask(q *ports.ModelQuery, limit oas.OptInt) {
	q.AsOf, q.After, q.Version, q.Limit = w.when, w.after, w.version, limit.Value
}

// An order is what a listing is sorted by.
type order struct {
	by         ports.ModelSort
	descending bool
}

// orders are numbered in cursors: new ones are added at the end.
var orders = []order{
	{ports.SortID, false}, {ports.SortID, true},
	{ports.SortName, false}, {ports.SortName, true},
	{ports.SortInputCost, false}, {ports.SortInputCost, true},
	{ports.SortOutputCost, false}, {ports.SortOutputCost, true},
	{ports.SortContextWindow, false}, {ports.SortContextWindow, true},
	{ports.SortUpdatedAt, false}, {ports.SortUpdatedAt, true},
}

func encodeCursor(k domain.ModelKey) string { return walk{after: &k, order: orders[0]}.encode() }

// encode writes the cursor of a walk that has a model to go on after.
func (w walk) encode() string {
	var b []byte
	instants := func() {
		b = binary.BigEndian.AppendUint64(b, uint64(microseconds(w.when.At)))
		b = binary.BigEndian.AppendUint64(b, uint64(microseconds(w.when.KnownAt)))
	}
	switch {
	case w.question != 0:
		b = append(b, cursorRanked)
		instants()
		b = binary.BigEndian.AppendUint64(b, uint64(w.version))
		b = binary.BigEndian.AppendUint64(b, w.question)
	case w.order != orders[0]:
		b = append(b, cursorOrdered, byte(slices.Index(orders, w.order)))
		instants()
		b = binary.BigEndian.AppendUint64(b, uint64(w.version))
	case !w.when.KnownAt.IsZero():
		b = append(b, cursorThen)
		instants()
	default:
		b = append(b, cursorNow)
	}
	b = append(append(append(b, w.after.ID...), 0), w.after.Provider...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads an optional cursor of a list that has neither instants nor
// orders.
func decodeCursor(text oas.OptString) (*domain.ModelKey, error) {
	w, err := decodeWalk(text)
	if err == nil && (!w.when.At.IsZero() || w.order != orders[0] || w.question != 0) {
		return nil, notOurs()
	}
	return w.after, err
}

func notOurs() error {
	return invalid(wrong("cursor", "is not one of ours; pass on nextCursor as it was answered, or leave it out to start again"))
}

// decodeWalk reads an optional cursor.
func decodeWalk(text oas.OptString) (walk, error) {
	w := walk{order: orders[0]}
	if !text.Set {
		return w, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text.Value)
	switch {
	case err != nil || len(b) == 0:
		return walk{}, notOurs()
	case b[0] == cursorNow:
		b = b[1:]
	case b[0] == cursorThen && len(b) > 1+instantsLength:
		b = w.instants(b[1:])
	case b[0] == cursorOrdered && len(b) > 1+orderedLength && int(b[1]) < len(orders):
		w.order = orders[b[1]]
		b = w.instants(b[2:])
		w.version, b = int64(binary.BigEndian.Uint64(b)), b[8:]
	case b[0] == cursorRanked && len(b) > 1+rankedLength:
		b = w.instants(b[1:])
		w.version, b = int64(binary.BigEndian.Uint64(b)), b[8:]
		w.question, b = binary.BigEndian.Uint64(b), b[8:]
	default:
		return walk{}, notOurs()
	}
	for _, t := range []time.Time{w.when.At, w.when.KnownAt} {
		if !t.IsZero() && years("cursor", t) != nil {
			return walk{}, notOurs()
		}
	}
	id, provider, found := bytes.Cut(b, []byte{0})
	if !found || len(id) == 0 || len(provider) == 0 || !plain(string(id)) || !plain(string(provider)) || w.version < 0 {
		return walk{}, notOurs()
	}
	w.after = &domain.ModelKey{ID: string(id), Provider: domain.ProviderID(provider)}
	return w, nil
}

// instants takes two instants off the beginning.
func (w *walk) instants(b []byte) []byte {
	w.when.At, w.when.KnownAt = instantOf(b[:8]), instantOf(b[8:16])
	return b[instantsLength:]
}

// Zero is no instant here: nothing was known then.
func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instantOf(b []byte) time.Time {
	n := int64(binary.BigEndian.Uint64(b))
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
