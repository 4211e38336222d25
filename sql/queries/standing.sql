-- name: MarkChanged :exec
UPDATE ledgers SET edition = gen_random_uuid() WHERE provider = @provider;

-- name: Editions :many
SELECT provider, edition::text AS edition FROM ledgers;

-- name: ModelsStanding :many
-- The models of some providers as they are seen now.
SELECT m.number, m.provider, m.id, m.discovered_at,
       lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to,
       v.display_name, v.owned_by, v.created, v.source, v.classification, v.capabilities,
       v.context_window, v.max_output_tokens, v.usability, v.aliases, v.retires_at, v.deprecated_at,
       v.remarks, v.stated_pricing, v.raw
FROM models m
JOIN model_versions v ON v.model = m.number AND upper_inf(v.seen)
WHERE m.provider = ANY (@providers::text[])
ORDER BY m.id, m.provider;

-- name: RatesStanding :many
-- What is believed of the rates of some providers that have not ended by an
-- instant. known_to is null in rates alone: by that the years of
-- superseded_rates are left out.
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM models m
JOIN rate_keys k ON k.model = m.number
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND upper_inf(u.unlisted) AND u.unlisted && b.effective
WHERE m.provider = ANY (@providers::text[])
  AND b.known_to IS NULL AND b.known_until = 'infinity'
  AND (upper_inf(b.effective) OR upper(b.effective) > @at::timestamptz);

-- name: LastEnded :many
-- When the last rates of some providers ended, by an instant.
SELECT m.provider, max(upper(r.effective))::timestamptz AS ended
FROM models m
JOIN rate_keys k ON k.model = m.number
JOIN rates r ON r.key = k.number
WHERE m.provider = ANY (@providers::text[]) AND upper(r.effective) <= @at::timestamptz
GROUP BY m.provider;
