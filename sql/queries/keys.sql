-- name: InsertKey :one
INSERT INTO api_keys (name, prefix, hash, scope, created_at, last_used_at, revoked_at, expires_at, replaces, requests_per_minute)
VALUES (@name, @prefix, @hash, @scope, @created_at, @last_used_at, @revoked_at, @expires_at, @replaces, @requests_per_minute)
RETURNING *;

-- name: LockKey :one
SELECT * FROM api_keys WHERE id = @id FOR UPDATE;

-- name: ListKeys :many
SELECT * FROM api_keys ORDER BY created_at DESC, id DESC;

-- name: RevokeKey :one
UPDATE api_keys SET revoked_at = @at::timestamptz WHERE id = @id RETURNING *;

-- name: ExpireKey :one
UPDATE api_keys SET expires_at = least(expires_at, @at::timestamptz) WHERE id = @id RETURNING *;

-- name: UseKey :exec
UPDATE api_keys SET last_used_at = greatest(last_used_at, @at::timestamptz) WHERE id = @id;
