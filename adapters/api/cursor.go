package api

import (
	"bytes"
	"encoding/base64"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// A cursor names the last model of a page: a version byte, the id, NUL, the
// provider. Neither holds a NUL. It is opaque to callers.
const cursorVersion = 1

func encodeCursor(k domain.ModelKey) string {
	b := append([]byte{cursorVersion}, k.ID...)
	b = append(append(b, 0), k.Provider...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads an optional cursor.
func decodeCursor(text oas.OptString) (*domain.ModelKey, error) {
	if !text.Set {
		return nil, nil
	}
	malformed := invalid(wrong("cursor", "is not one of ours; pass on nextCursor as it was answered, or leave it out to start again"))
	b, err := base64.RawURLEncoding.Strict().DecodeString(text.Value)
	if err != nil || len(b) == 0 || b[0] != cursorVersion {
		return nil, malformed
	}
	id, provider, found := bytes.Cut(b[1:], []byte{0})
	if !found || len(id) == 0 || len(provider) == 0 || !plain(string(id)) || !plain(string(provider)) {
		return nil, malformed
	}
	return &domain.ModelKey{ID: string(id), Provider: domain.ProviderID(provider)}, nil
}
