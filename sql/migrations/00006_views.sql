-- +goose Up

-- Global prices as flat rows: one per model, tier and prompt length, with the
-- layer that overlays the others where several state one meter.
CREATE VIEW model_pricing AS
WITH layered AS (
    SELECT DISTINCT ON (k.model, k.tier, k.min_prompt_tokens, k.meter)
           r.id, k.model, k.tier, k.min_prompt_tokens, k.meter, r.amount, lower(r.effective) AS effective_from
    FROM rates r
    JOIN rate_keys k ON k.number = r.key
    WHERE k.region = 'global' AND k.meter IN ('input', 'output')
      AND r.effective @> now() AND r.currency = 'USD'
    ORDER BY k.model, k.tier, k.min_prompt_tokens, k.meter,
             array_position(ARRAY['manual', 'list', 'imported'], k.layer)
)
SELECT min(l.id) AS id,
       m.id AS model_id,
       max(l.amount) FILTER (WHERE l.meter = 'input') AS input_cost_per_million,
       max(l.amount) FILTER (WHERE l.meter = 'output') AS output_cost_per_million,
       l.tier,
       lead(l.min_prompt_tokens) OVER (PARTITION BY l.model, l.tier ORDER BY l.min_prompt_tokens) - 1 AS context_limit,
       max(l.effective_from) AS effective_date,
       m.provider,
       l.min_prompt_tokens
FROM layered l
JOIN models m ON m.number = l.model
GROUP BY l.model, m.id, m.provider, l.tier, l.min_prompt_tokens;
COMMENT ON VIEW model_pricing IS 'The prices in force now, in US dollars per million tokens; context_limit is the longest prompt that pays them, null for any.';

-- Input and output prices change at different times: a row lasts from one
-- change of either to the next.
CREATE VIEW pricing_history AS
WITH priced AS (
    SELECT k.model, k.layer, k.tier, k.min_prompt_tokens, k.meter,
           r.id, r.amount, r.effective, r.known_from
    FROM rates r
    JOIN rate_keys k ON k.number = r.key
    WHERE k.region = 'global' AND k.meter IN ('input', 'output') AND r.currency = 'USD'
),
moments AS (
    SELECT model, layer, tier, min_prompt_tokens, coalesce(lower(effective), '-infinity') AS at FROM priced
    UNION
    SELECT model, layer, tier, min_prompt_tokens, upper(effective) FROM priced WHERE NOT upper_inf(effective)
),
segments AS (
    SELECT *, lead(at) OVER (PARTITION BY model, layer, tier, min_prompt_tokens ORDER BY at) AS until
    FROM moments
)
SELECT least(i.id, o.id) AS id,
       m.id AS model_id,
       i.amount AS input_cost_per_million,
       o.amount AS output_cost_per_million,
       s.tier,
       s.at AS effective_date,
       s.until AS end_date,
       greatest(i.known_from, o.known_from) AS created_at,
       m.provider,
       s.layer,
       s.min_prompt_tokens
FROM segments s
JOIN models m ON m.number = s.model
LEFT JOIN priced i ON i.meter = 'input' AND i.effective @> s.at
    AND (i.model, i.layer, i.tier, i.min_prompt_tokens) = (s.model, s.layer, s.tier, s.min_prompt_tokens)
LEFT JOIN priced o ON o.meter = 'output' AND o.effective @> s.at
    AND (o.model, o.layer, o.tier, o.min_prompt_tokens) = (s.model, s.layer, s.tier, s.min_prompt_tokens)
WHERE i.id IS NOT NULL OR o.id IS NOT NULL;
COMMENT ON VIEW pricing_history IS 'What is believed of all prices, past, in force (end_date null) and scheduled, in US dollars per million tokens; created_at is since when it is believed. What was believed before stands in superseded_rates.';
