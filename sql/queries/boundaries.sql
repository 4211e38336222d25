-- name: LastBoundary :one
-- The newest announced beginning or end up to an instant; null where none came
-- since the provider that was told of least.
WITH told AS (SELECT min(announced_until) AS until FROM ledgers)
SELECT greatest(
    (SELECT max(lower(r.effective)) FROM rates r
     WHERE r.known_from < lower(r.effective) AND lower(r.effective) > told.until AND lower(r.effective) <= @until::timestamptz),
    (SELECT max(upper(r.effective)) FROM rates r
     WHERE r.known_from < upper(r.effective) AND upper(r.effective) > told.until AND upper(r.effective) <= @until::timestamptz)
)::timestamptz AS at
FROM told;

-- name: LockProviders :exec
-- The locks of all providers, until the transaction ends. In one order, so that
-- two who take them wait for each other instead of both; whoever updates a
-- provider takes no second one.
SELECT set_config('idle_in_transaction_session_timeout', '60s', true),
       count(pg_advisory_xact_lock(@space::integer, hashtext(p.provider)))
FROM (SELECT provider FROM ledgers ORDER BY provider OFFSET 0) p;

-- name: ArrivingRates :many
-- All that is believed of the keys of which something announced has come.
WITH told AS (
    SELECT min(announced_until) AS until FROM ledgers
), came AS (
    SELECT r.key, lower(r.effective) AS at FROM told, rates r
    WHERE r.known_from < lower(r.effective) AND lower(r.effective) > told.until AND lower(r.effective) <= @until::timestamptz
    UNION ALL
    SELECT r.key, upper(r.effective) FROM told, rates r
    WHERE r.known_from < upper(r.effective) AND upper(r.effective) > told.until AND upper(r.effective) <= @until::timestamptz
)
SELECT m.provider, l.announced_until, m.id AS model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       r.id, r.key, r.amount, r.unit, r.currency, r.origin, r.basis,
       lower(r.effective)::timestamptz AS effective_from, upper(r.effective)::timestamptz AS effective_to,
       r.known_from, r.not_before, r.not_after, r.quote, r.statement, r.modifier
FROM rate_keys k
JOIN models m ON m.number = k.model
JOIN ledgers l ON l.provider = m.provider
JOIN rates r ON r.key = k.number
WHERE k.number IN (SELECT c.key FROM came c)
  AND EXISTS (SELECT FROM came c WHERE c.key = k.number AND c.at > l.announced_until)
ORDER BY m.provider, m.id, k.number, lower(r.effective) NULLS FIRST;

-- name: MoveAnnounced :exec
UPDATE ledgers SET announced_until = @at::timestamptz WHERE announced_until < @at::timestamptz;
