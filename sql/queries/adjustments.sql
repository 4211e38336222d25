-- name: Adjustments :many
-- Of one provider, or of all where none is named; past and scheduled ones
-- included, the newest first.
SELECT a.id, a.provider, coalesce(m.id, '')::text AS model, a.tier, a.meter, a.percent, a.begins, a.ends, a.made_at, a.made_by, a.reason
FROM adjustments a
LEFT JOIN models m ON m.number = a.model
WHERE @provider::text = '' OR a.provider = @provider::text
ORDER BY a.id DESC;

-- name: InsertAdjustments :copyfrom
INSERT INTO adjustments (provider, model, tier, meter, percent, begins, ends, made_at, made_by, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: EndAdjustment :exec
UPDATE adjustments SET ends = greatest(begins, @ends::timestamptz) WHERE id = @id;
