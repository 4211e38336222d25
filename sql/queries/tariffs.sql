-- name: TariffModels :many
-- The models that refs name, as their ids whenever they were seen, or as aliases
-- during the range; and before when nothing is known of them.
WITH named AS (
    SELECT m.number FROM models m WHERE m.id = ANY (@refs::text[]) AND m.discovered_at <= @known_at::timestamptz
    UNION
    SELECT v.model FROM model_versions v
    WHERE v.aliases && @refs::text[] AND v.seen && tstzrange(@first::timestamptz, @until::timestamptz)
)
SELECT m.number, m.provider, m.id,
       least(m.discovered_at, (
           SELECT min(lower(b.effective))
           FROM rate_keys k
           JOIN beliefs b ON b.key = k.number
           WHERE k.model = m.number AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz
       ))::timestamptz AS since
FROM named n
JOIN models m ON m.number = n.number
ORDER BY m.id, m.provider;

-- name: TariffAttributes :many
SELECT v.model, lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to, v.aliases, v.stated_pricing
FROM model_versions v
WHERE v.model = ANY (@models::bigint[]) AND v.seen && tstzrange(@first::timestamptz, @until::timestamptz)
ORDER BY v.model, lower(v.seen);

-- name: TariffRates :many
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM rate_keys k
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND u.unlisted @> @known_at::timestamptz AND u.unlisted && b.effective
WHERE k.model = ANY (@models::bigint[])
  AND b.effective && tstzrange(@first::timestamptz, @until::timestamptz)
  AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz;
