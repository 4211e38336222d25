package api

import (
	"context"
	"crypto/rand"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ListKeys answers GET /api/admin/keys.
func (h *handler) ListKeys(ctx context.Context) (*oas.KeyList, error) {
	keys, err := app.ListKeys(ctx, h.cfg.Keys)
	if err != nil {
		return nil, err
	}
	return encodeKeys(keys), nil
}

// CreateKey answers POST /api/admin/keys, the one answer that holds a secret.
func (h *handler) CreateKey(ctx context.Context, req *oas.NewKey) (*oas.CreatedKey, error) {
	expires, err := instantOr("expiresAt", req.ExpiresAt, time.Time{})
	if err != nil {
		return nil, err
	}
	key, secret, err := app.CreateKey(ctx, h.cfg.Keys, rand.Reader, app.NewKey{
		Name:    req.Name,
		Scope:   domain.Scope(req.Scope),
		Expires: expires,
		Limit:   req.RequestsPerMinute.Value,
		At:      h.cfg.Now(),
	})
	if err != nil {
		return nil, err
	}
	return &oas.CreatedKey{Key: encodeKey(key), Secret: secret}, nil
}

// RotateKey answers POST /api/admin/keys/{id}/rotate, the other answer that
// holds a secret.
func (h *handler) RotateKey(ctx context.Context, req oas.OptKeyRotation, params oas.RotateKeyParams) (*oas.RotatedKey, error) {
	expires, err := instantOr("expiresAt", req.Value.ExpiresAt, time.Time{})
	if err != nil {
		return nil, err
	}
	want := app.KeyRotation{ID: params.ID, Overlap: app.UsualOverlap, Expires: expires, Limit: req.Value.RequestsPerMinute.Value, At: h.cfg.Now()}
	if hours, said := req.Value.OverlapHours.Get(); said {
		want.Overlap = time.Duration(hours) * time.Hour
	}
	key, old, secret, err := app.RotateKey(ctx, h.cfg.Keys, rand.Reader, want)
	if err != nil {
		return nil, err
	}
	return &oas.RotatedKey{Key: encodeKey(key), Secret: secret, Old: encodeKey(old)}, nil
}

// RevokeKey answers DELETE /api/admin/keys/{id}.
func (h *handler) RevokeKey(ctx context.Context, params oas.RevokeKeyParams) (*oas.Key, error) {
	key, err := app.RevokeKey(ctx, h.cfg.Keys, params.ID, h.cfg.Now())
	if err != nil {
		return nil, err
	}
	out := encodeKey(key)
	return &out, nil
}
