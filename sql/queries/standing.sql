-- name: MarkChanged :exec
-- Another edition of a provider, in which readers see something else of these
-- models; of any, where they are null. The last 20 are remembered.
WITH changed AS (
    UPDATE ledgers l SET edition = gen_random_uuid() WHERE l.provider = @provider RETURNING l.provider, l.edition
), forgotten AS (
    DELETE FROM editions e WHERE e.provider = @provider AND e.number <= (
        SELECT old.number FROM editions old WHERE old.provider = @provider ORDER BY old.number DESC OFFSET 19 LIMIT 1)
)
INSERT INTO editions (provider, edition, models)
SELECT c.provider, c.edition, @models::bigint[] FROM changed c;

-- name: Editions :many
SELECT provider, edition::text AS edition FROM ledgers;

-- name: EditionsSince :many
-- The editions of a provider after one of them; none where that is not remembered.
SELECT e.models
FROM editions e
WHERE e.provider = @provider AND e.number > (
    SELECT held.number FROM editions held WHERE held.provider = @provider AND held.edition::text = @edition::text);

-- name: NumbersStanding :many
-- The models of some providers.
SELECT number FROM models WHERE provider = ANY (@providers::text[]);

-- name: ModelsStanding :many
-- Some models as they are seen now.
SELECT m.number, m.provider, m.id, m.discovered_at,
       lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to,
       v.display_name, v.owned_by, v.created, v.source, v.classification, v.capabilities,
       v.context_window, v.max_output_tokens, v.usability, v.aliases, v.retires_at, v.deprecated_at,
       v.remarks, v.stated_pricing, v.raw
FROM models m
JOIN model_versions v ON v.model = m.number AND upper_inf(v.seen)
WHERE m.number = ANY (@models::bigint[]);

-- name: RatesStanding :many
-- What is believed of the rates of some models that have not ended by an
-- instant. known_to is null in rates alone: by that the years of
-- superseded_rates are left out.
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM rate_keys k
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND upper_inf(u.unlisted) AND u.unlisted && b.effective
WHERE k.model = ANY (@models::bigint[])
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
