-- name: InsertKey :one
INSERT INTO api_keys (name, prefix, hash, scope, created_at, last_used_at, revoked_at)
VALUES (@name, @prefix, @hash, @scope, @created_at, @last_used_at, @revoked_at)
RETURNING *;

-- name: FindKey :one
SELECT * FROM api_keys WHERE hash = @hash AND revoked_at IS NULL;

-- name: ListKeys :many
SELECT * FROM api_keys ORDER BY created_at DESC, id DESC;

-- name: RevokeKey :one
UPDATE api_keys SET revoked_at = coalesce(revoked_at, @at::timestamptz) WHERE id = @id RETURNING *;

-- name: UseKey :exec
UPDATE api_keys SET last_used_at = greatest(last_used_at, @at::timestamptz) WHERE id = @id;
