-- name: InsertAudit :exec
INSERT INTO audit (at, by, address, action, request, changes, total)
VALUES (@at, @by, @address, @action, @request, @changes, @total);

-- name: Audit :many
SELECT * FROM audit WHERE id < @before::bigint ORDER BY id DESC LIMIT @how_many::bigint;
