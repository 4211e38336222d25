package api

import (
	"ratecard/domain"
	"ratecard/gen/oas"
)

func encodeKeys(keys []domain.APIKey) *oas.KeyList {
	return &oas.KeyList{Items: encodeAll(keys, encodeKey), Total: len(keys)}
}

// encodeKey leaves out the hash: it is of no use to anybody who may see it.
func encodeKey(k domain.APIKey) oas.Key {
	return oas.Key{
		ID:         k.ID,
		Name:       k.Name,
		Prefix:     k.Prefix,
		Scope:      oas.Scope(k.Scope),
		CreatedAt:  k.CreatedAt.UTC(),
		LastUsedAt: timeOrNull(k.LastUsedAt),
		ExpiresAt:  timeOrNull(k.ExpiresAt),
		RevokedAt:  timeOrNull(k.RevokedAt),
		Replaces:   intOrNull(k.Replaces),

		RequestsPerMinute: intOrNull(k.RequestsPerMinute),
	}
}
