package api

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// A cursor names the last model of a page: a version byte, the id, NUL, the
// provider. Neither holds a NUL. In a walk over the catalogue of an instant, at
// and knownAt come between, in microseconds of Unix time, eight bytes each. It
// is opaque to callers.
const (
	cursorNow  = 1
	cursorThen = 2
)

func encodeCursor(k domain.ModelKey) string { return encodeWalk(k, domain.AsOf{}) }

func encodeWalk(k domain.ModelKey, when domain.AsOf) string {
	b := []byte{cursorNow}
	if !when.KnownAt.IsZero() {
		b[0] = cursorThen
		b = binary.BigEndian.AppendUint64(b, uint64(when.At.UnixMicro()))
		b = binary.BigEndian.AppendUint64(b, uint64(when.KnownAt.UnixMicro()))
	}
	b = append(append(append(b, k.ID...), 0), k.Provider...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads an optional cursor of a list that has no instants.
func decodeCursor(text oas.OptString) (*domain.ModelKey, error) {
	after, when, err := decodeWalk(text)
	if err == nil && !when.KnownAt.IsZero() {
		return nil, notOurs()
	}
	return after, err
}

func notOurs() error {
	return invalid(wrong("cursor", "is not one of ours; pass on nextCursor as it was answered, or leave it out to start again"))
}

// decodeWalk reads an optional cursor: after which model a page begins, and
// the instants of the walk, zero for a walk over what is believed now.
func decodeWalk(text oas.OptString) (*domain.ModelKey, domain.AsOf, error) {
	var when domain.AsOf
	if !text.Set {
		return nil, when, nil
	}
	malformed := notOurs()
	b, err := base64.RawURLEncoding.Strict().DecodeString(text.Value)
	switch {
	case err != nil || len(b) == 0:
		return nil, when, malformed
	case b[0] == cursorNow:
		b = b[1:]
	case b[0] == cursorThen && len(b) > 17:
		when.At, when.KnownAt = instantOf(b[1:9]), instantOf(b[9:17])
		if years("at", when.At) != nil || years("knownAt", when.KnownAt) != nil {
			return nil, when, malformed
		}
		b = b[17:]
	default:
		return nil, when, malformed
	}
	id, provider, found := bytes.Cut(b, []byte{0})
	if !found || len(id) == 0 || len(provider) == 0 || !plain(string(id)) || !plain(string(provider)) {
		return nil, when, malformed
	}
	return &domain.ModelKey{ID: string(id), Provider: domain.ProviderID(provider)}, when, nil
}

func instantOf(b []byte) time.Time { return time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC() }
