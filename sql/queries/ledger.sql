-- name: LockProvider :exec
-- Until the transaction ends. A program that stops while it holds the lock
-- loses it after a minute.
SELECT set_config('idle_in_transaction_session_timeout', '60s', true),
       pg_advisory_xact_lock(@space::integer, hashtext(@provider::text));

-- name: Reserve :many
-- Takes the next numbers of an identity column, so that rows which name each
-- other can be written in bulk.
SELECT nextval(@sequence::text)::bigint AS number FROM generate_series(1, @how_many::bigint);

-- name: LedgerRow :one
SELECT last_known, announced_until, list_last_complete, list_key_fingerprint, list_doubted_since, list_doubted_digest, imported
FROM ledgers WHERE provider = @provider;

-- name: SaveLastKnown :exec
INSERT INTO ledgers AS l (provider, last_known, announced_until)
VALUES (@provider, @last_known::timestamptz, @last_known::timestamptz)
ON CONFLICT ON CONSTRAINT ledgers_pkey DO UPDATE SET
    last_known = excluded.last_known,
    announced_until = greatest(coalesce(l.announced_until, excluded.last_known), sqlc.narg('announced_until')::timestamptz);

-- name: SaveListState :exec
INSERT INTO ledgers (provider, list_last_complete, list_key_fingerprint, list_doubted_since, list_doubted_digest)
VALUES (@provider, @last_complete, @key_fingerprint, @doubted_since, @doubted_digest)
ON CONFLICT ON CONSTRAINT ledgers_pkey DO UPDATE SET
    list_last_complete = excluded.list_last_complete, list_key_fingerprint = excluded.list_key_fingerprint,
    list_doubted_since = excluded.list_doubted_since, list_doubted_digest = excluded.list_doubted_digest;

-- name: SaveImported :exec
INSERT INTO ledgers (provider, imported) VALUES (@provider, @imported::timestamptz[])
ON CONFLICT ON CONSTRAINT ledgers_pkey DO UPDATE SET imported = excluded.imported;

-- name: CurrentModels :many
SELECT m.number, m.provider, m.id, m.discovered_at,
       lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to,
       v.display_name, v.owned_by, v.created, v.source, v.classification, v.capabilities,
       v.context_window, v.max_output_tokens, v.usability, v.aliases, v.retires_at, v.deprecated_at,
       v.remarks, v.stated_pricing, v.raw
FROM models m
JOIN model_versions v ON v.model = m.number AND upper_inf(v.seen)
WHERE m.provider = @provider
ORDER BY m.id;

-- name: InsertModels :copyfrom
INSERT INTO models (number, provider, id, discovered_at) VALUES ($1, $2, $3, $4);

-- name: EndModelVersions :execrows
UPDATE model_versions SET seen = tstzrange(lower(seen), @at::timestamptz)
WHERE model = ANY (@models::bigint[]) AND upper_inf(seen);

-- name: InsertModelVersions :copyfrom
INSERT INTO model_versions (
    model, seen, display_name, owned_by, created, source, classification, capabilities,
    context_window, max_output_tokens, usability, aliases, retires_at, deprecated_at,
    remarks, stated_pricing, raw
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: RateKeys :many
SELECT k.number, m.id AS model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens
FROM rate_keys k
JOIN models m ON m.number = k.model
WHERE m.provider = @provider;

-- name: InsertRateKeys :copyfrom
INSERT INTO rate_keys (number, model, layer, tier, meter, region, min_prompt_tokens)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: BelievedRates :many
SELECT r.id, r.key, r.amount, r.unit, r.currency, r.origin, r.basis,
       lower(r.effective)::timestamptz AS effective_from, upper(r.effective)::timestamptz AS effective_to,
       r.known_from, r.not_before, r.not_after, r.quote, r.statement, r.modifier
FROM rates r
JOIN rate_keys k ON k.number = r.key
JOIN models m ON m.number = k.model
WHERE m.provider = @provider
ORDER BY r.key, lower(r.effective);

-- name: SupersedeRates :execrows
WITH gone AS (
    DELETE FROM rates WHERE rates.id = ANY (@ids::bigint[]) RETURNING *
)
INSERT INTO superseded_rates (
    id, key, amount, unit, currency, origin, basis, effective, known_from, known_to,
    not_before, not_after, quote, statement, modifier)
SELECT g.id, g.key, g.amount, g.unit, g.currency, g.origin, g.basis, g.effective, g.known_from, @known_to::timestamptz,
       g.not_before, g.not_after, g.quote, g.statement, g.modifier
FROM gone g;

-- name: InsertRates :copyfrom
INSERT INTO rates (
    id, key, amount, unit, currency, origin, basis, effective, known_from, not_before, not_after, quote, statement, modifier
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: UnlistedKeys :many
SELECT u.key, lower(u.unlisted)::timestamptz AS since
FROM unlisted_rates u
JOIN rate_keys k ON k.number = u.key
JOIN models m ON m.number = k.model
WHERE m.provider = @provider AND upper_inf(u.unlisted);

-- name: InsertUnlisted :copyfrom
INSERT INTO unlisted_rates (key, unlisted) VALUES ($1, $2);

-- name: EndUnlisted :execrows
UPDATE unlisted_rates SET unlisted = tstzrange(lower(unlisted), @at::timestamptz)
WHERE key = ANY (@keys::bigint[]) AND upper_inf(unlisted);
