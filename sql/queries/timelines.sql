-- name: Timelines :many
-- The rows of one key and unit come together, in the order of time. An empty array
-- or null does not filter.
SELECT m.provider, m.id, k.tier, k.meter, k.region, k.min_prompt_tokens, b.unit, b.amount,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to, v.classification
FROM models m
JOIN rate_keys k ON k.model = m.number
JOIN beliefs b ON b.key = k.number
LEFT JOIN LATERAL (
    SELECT s.classification
    FROM model_versions s
    WHERE s.model = m.number AND lower(s.seen) <= @attributes_at::timestamptz
    ORDER BY lower(s.seen) DESC
    LIMIT 1
) v ON true
WHERE (cardinality(@providers::text[]) = 0 OR m.provider = ANY (@providers::text[]))
  AND (cardinality(@models::text[]) = 0 OR m.id = ANY (@models::text[]))
  AND (cardinality(@classes::text[]) = 0 OR v.classification && @classes::text[])
  AND (cardinality(@tiers::text[]) = 0 OR k.tier = ANY (@tiers::text[]))
  AND (cardinality(@meters::text[]) = 0 OR k.meter = ANY (@meters::text[]))
  AND (cardinality(@regions::text[]) = 0 OR k.region = ANY (@regions::text[]))
  AND (sqlc.narg('min_prompt_tokens')::bigint IS NULL OR k.min_prompt_tokens = sqlc.narg('min_prompt_tokens')::bigint)
  AND k.layer = @layer
  AND b.currency = 'USD'
  AND b.effective && tstzrange(@first::timestamptz, @until::timestamptz)
  AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz
  AND (NOT @moved::boolean OR EXISTS (
      SELECT FROM beliefs s
      WHERE s.key = k.number AND lower(s.effective) > @first::timestamptz AND lower(s.effective) < @until::timestamptz
        AND s.known_from <= @known_at::timestamptz AND s.known_until > @known_at::timestamptz))
ORDER BY m.provider, m.id, k.tier, k.region, k.min_prompt_tokens, k.meter, b.unit, lower(b.effective) NULLS FIRST
LIMIT @how_many;
