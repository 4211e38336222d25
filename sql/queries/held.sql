-- name: BearingChanges :many
-- Of one provider: those that its next reading has to know of.
SELECT h.id, h.key, s.name AS source, h.quote, h.old_amount, h.new_amount, h.doubts, h.old_proof, h.new_proof,
       h.since, h.not_before, h.state, h.over_at, h.decided_at, h.decided_by, h.reason, h.looked_at, h.looks
FROM held_changes h
JOIN sources s ON s.number = h.source
WHERE s.provider = @provider AND h.over_at IS NULL
ORDER BY h.id;

-- name: InsertHeldChanges :copyfrom
INSERT INTO held_changes (id, key, source, quote, old_amount, new_amount, doubts, old_proof, new_proof, since, not_before, held_from, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: SettleHeldChanges :execrows
UPDATE held_changes h SET
    state = n.state, over_at = n.over_at, decided_at = n.decided_at, decided_by = n.decided_by, reason = n.reason,
    looked_at = n.looked_at, looks = n.looks
FROM (
    SELECT unnest(@ids::bigint[]) AS id, unnest(@states::text[]) AS state, unnest(@over_at::timestamptz[]) AS over_at,
           unnest(@decided_at::timestamptz[]) AS decided_at, unnest(@decided_by::text[]) AS decided_by, unnest(@reasons::text[]) AS reason,
           unnest(@looked_at::timestamptz[]) AS looked_at, unnest(@looks::jsonb[]) AS looks
) n
WHERE h.id = n.id AND h.over_at IS NULL;

-- name: HeldChanges :many
-- Newest first; what is empty or null chooses all.
SELECT h.id, m.provider, m.id AS model, k.tier, k.meter, k.region, k.min_prompt_tokens, s.name AS source, q.name,
       h.old_amount, h.new_amount, h.doubts, h.old_proof, h.new_proof,
       h.since, h.not_before, h.state, h.over_at, h.decided_at, h.decided_by, h.reason, h.looked_at, h.looks
FROM held_changes h
JOIN rate_keys k ON k.number = h.key
JOIN models m ON m.number = k.model
JOIN sources s ON s.number = h.source
JOIN source_quotes q ON q.number = h.quote
WHERE (@state::text = '' OR h.state = @state::text)
  AND (cardinality(@providers::text[]) = 0 OR m.provider = ANY (@providers::text[]))
  AND (sqlc.narg('id')::bigint IS NULL OR h.id = sqlc.narg('id')::bigint)
  AND (sqlc.narg('before')::bigint IS NULL OR h.id < sqlc.narg('before')::bigint)
ORDER BY h.id DESC
LIMIT @how_many;

-- name: CountHeldChanges :one
SELECT count(*)
FROM held_changes h
JOIN sources s ON s.number = h.source
WHERE (@state::text = '' OR h.state = @state::text)
  AND (cardinality(@providers::text[]) = 0 OR s.provider = ANY (@providers::text[]));

-- name: HeldAt :many
-- What was held of models at an instant at which something was believed.
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens, h.id, h.old_amount, h.new_amount, h.doubts, h.since
FROM held_changes h
JOIN rate_keys k ON k.number = h.key
WHERE k.model = ANY (@models::bigint[]) AND h.held_from <= @known_at::timestamptz
  AND (h.decided_at IS NULL OR h.decided_at > @known_at::timestamptz)
ORDER BY h.id;

-- name: ProvidersWithHeld :many
-- Whose held changes no other source was asked about since an instant.
SELECT DISTINCT s.provider
FROM held_changes h
JOIN sources s ON s.number = h.source
WHERE h.state = 'held' AND (h.looked_at IS NULL OR h.looked_at < @looked_before::timestamptz)
ORDER BY s.provider;

-- name: InsertLooks :exec
INSERT INTO source_looks (source, page, at)
SELECT unnest(@sources::bigint[]), nullif(unnest(@pages::bigint[]), 0), unnest(@at::timestamptz[]);

-- name: WithheldChanges :many
-- Of one provider: what was held and never believed, for as long as its source
-- said so.
SELECT m.id AS model, k.tier, k.meter, k.region, k.min_prompt_tokens, s.name AS source, h.new_amount, h.since, h.over_at
FROM held_changes h
JOIN rate_keys k ON k.number = h.key
JOIN models m ON m.number = k.model
JOIN sources s ON s.number = h.source
WHERE s.provider = @provider AND h.state <> 'released'
ORDER BY h.id;
