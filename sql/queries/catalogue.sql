-- name: CatalogueVersion :one
SELECT version FROM catalogue;

-- name: RaiseCatalogueVersion :one
-- Locks the row until the transaction ends: take it last, write events after it.
UPDATE catalogue SET version = version + 1 RETURNING version;

-- name: LockCatalogue :exec
-- For events that change nothing of the catalogue: their ids are given in the
-- order of commits as well.
SELECT version FROM catalogue FOR UPDATE;

-- name: InsertEvents :copyfrom
INSERT INTO events (at, kind, provider, model, payload) VALUES ($1, $2, $3, $4, $5);

-- name: ListEvents :many
SELECT id, at, kind, provider, model, payload
FROM events
WHERE id > @after
ORDER BY id
LIMIT @how_many;

-- name: LastEvent :one
SELECT coalesce(max(id), 0)::bigint FROM events;

-- name: LatestRateEvents :many
-- An empty array does not filter.
SELECT id, at, kind, provider, model, payload
FROM events
WHERE kind LIKE 'rate.%'
  AND (cardinality(@providers::text[]) = 0 OR provider = ANY (@providers::text[]))
  AND (cardinality(@models::text[]) = 0 OR model = ANY (@models::text[]))
ORDER BY id DESC
LIMIT @how_many;

-- name: AwaitUpdates :exec
-- Of one provider, or of all.
SELECT await_updates(@space::integer, @provider::text, @known_at::timestamptz);

-- name: ChooseModels :one
-- The numbers of one page of the models that pass the filters, in order, and
-- how many pass on all pages. An empty array or null does not filter. A walk by
-- id goes on after a name, whether or not it is still there; one by anything
-- else goes on after the place of a model that must be.
WITH chosen AS MATERIALIZED (
    SELECT m.number, m.id, m.provider,
           CASE @sort::text
               WHEN 'contextWindow' THEN v.context_window::numeric
               WHEN 'updatedAt' THEN extract(epoch FROM lower(v.seen))
               WHEN 'inputCost' THEN paid_in.amount
               WHEN 'outputCost' THEN paid_out.amount
           END AS figure,
           CASE @sort::text
               WHEN 'name' THEN translate(coalesce(nullif(v.display_name, ''), m.id), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') COLLATE "C"
           END AS word
    FROM models m
    JOIN model_versions v ON v.model = m.number AND v.seen @> @attributes_at::timestamptz
    LEFT JOIN LATERAL (
        SELECT b.amount
        FROM beliefs b
        JOIN rate_keys k ON k.number = b.key
        WHERE (@sort::text = 'inputCost' OR sqlc.narg('max_input_cost')::numeric IS NOT NULL)
          AND k.model = m.number AND k.meter = 'input' AND k.tier = 'standard' AND k.region = 'global'
          AND b.currency = 'USD' AND b.effective @> @at::timestamptz
          AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz
        ORDER BY k.min_prompt_tokens, array_position(ARRAY['manual', 'adjusted', 'list', 'imported'], k.layer::text)
        LIMIT 1
    ) paid_in ON true
    LEFT JOIN LATERAL (
        SELECT b.amount
        FROM beliefs b
        JOIN rate_keys k ON k.number = b.key
        WHERE (@sort::text = 'outputCost' OR sqlc.narg('max_output_cost')::numeric IS NOT NULL)
          AND k.model = m.number AND k.meter = 'output' AND k.tier = 'standard' AND k.region = 'global'
          AND b.currency = 'USD' AND b.effective @> @at::timestamptz
          AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz
        ORDER BY k.min_prompt_tokens, array_position(ARRAY['manual', 'adjusted', 'list', 'imported'], k.layer::text)
        LIMIT 1
    ) paid_out ON true
    WHERE (cardinality(@providers::text[]) = 0 OR m.provider = ANY (@providers::text[]))
      AND v.usability = ANY (@usabilities::text[])
      AND (cardinality(@classes::text[]) = 0 OR v.classification && @classes::text[])
      AND (cardinality(@capabilities::jsonb[]) = 0 OR v.capabilities @> ANY (@capabilities::jsonb[]))
      AND (sqlc.narg('min_context_window')::bigint IS NULL OR v.context_window >= sqlc.narg('min_context_window')::bigint)
      AND (@text::text = ''
           OR position(lower(@text::text) IN lower(m.id)) > 0
           OR position(lower(@text::text) IN lower(v.display_name)) > 0)
      AND (sqlc.narg('max_input_cost')::numeric IS NULL
           OR sqlc.narg('max_input_cost')::numeric >= paid_in.amount)
      AND (sqlc.narg('max_output_cost')::numeric IS NULL
           OR sqlc.narg('max_output_cost')::numeric >= paid_out.amount)
), placed AS MATERIALIZED (
    SELECT c.number, c.id, c.provider,
           row_number() OVER (ORDER BY
               CASE WHEN NOT @descending::boolean THEN c.figure END,
               CASE WHEN @descending::boolean THEN c.figure END DESC NULLS LAST,
               CASE WHEN NOT @descending::boolean THEN c.word END,
               CASE WHEN @descending::boolean THEN c.word END DESC NULLS LAST,
               CASE WHEN NOT @descending::boolean THEN c.id END,
               CASE WHEN NOT @descending::boolean THEN c.provider END,
               c.id DESC, c.provider DESC) AS place
    FROM chosen c
)
SELECT (SELECT count(*) FROM chosen)::bigint AS total,
       ARRAY(
           SELECT p.number
           FROM placed p
           WHERE CASE WHEN sqlc.narg('after_id')::text IS NULL THEN true
                      WHEN @sort::text <> 'id' THEN p.place > (
                           SELECT a.place FROM placed a
                           WHERE a.id = sqlc.narg('after_id')::text AND a.provider = @after_provider::text)
                      WHEN @descending::boolean THEN (p.id, p.provider) < (sqlc.narg('after_id')::text, @after_provider::text)
                      ELSE (p.id, p.provider) > (sqlc.narg('after_id')::text, @after_provider::text) END
           ORDER BY p.place
           LIMIT @how_many::bigint
       )::bigint[] AS page;

-- name: FindModels :many
-- The models that ref names: by id, or else by alias.
WITH by_id AS (
    SELECT m.number
    FROM models m
    JOIN model_versions v ON v.model = m.number AND v.seen @> @attributes_at::timestamptz
    WHERE m.id = @ref::text AND (@provider::text = '' OR m.provider = @provider::text)
), named AS (
    SELECT number FROM by_id
    UNION ALL
    SELECT m.number
    FROM model_versions v
    JOIN models m ON m.number = v.model
    WHERE v.aliases @> ARRAY[@ref::text] AND v.seen @> @attributes_at::timestamptz
      AND (@provider::text = '' OR m.provider = @provider::text)
      AND NOT EXISTS (SELECT FROM by_id)
)
SELECT m.number, m.provider, m.id, m.discovered_at,
       lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to,
       v.display_name, v.owned_by, v.created, v.source, v.classification, v.capabilities,
       v.context_window, v.max_output_tokens, v.usability, v.aliases, v.retires_at, v.deprecated_at,
       v.remarks, v.stated_pricing, v.raw
FROM named n
JOIN models m ON m.number = n.number
JOIN model_versions v ON v.model = m.number AND v.seen @> @attributes_at::timestamptz
ORDER BY m.id, m.provider;

-- name: ModelVersionsAt :many
SELECT m.number, m.provider, m.id, m.discovered_at,
       lower(v.seen)::timestamptz AS seen_from, upper(v.seen)::timestamptz AS seen_to,
       v.display_name, v.owned_by, v.created, v.source, v.classification, v.capabilities,
       v.context_window, v.max_output_tokens, v.usability, v.aliases, v.retires_at, v.deprecated_at,
       v.remarks, v.stated_pricing, v.raw
FROM models m
JOIN model_versions v ON v.model = m.number AND v.seen @> @attributes_at::timestamptz
WHERE m.number = ANY (@numbers::bigint[])
ORDER BY m.id, m.provider;

-- name: RatesInForce :many
-- In no order: the database would take longer over it.
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM rate_keys k
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND u.unlisted @> @known_at::timestamptz AND u.unlisted && b.effective
WHERE k.model = ANY (@models::bigint[])
  AND b.effective @> @at::timestamptz
  AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz;

-- name: RatesInForceOfMany :many
-- The same, asked of the instants instead of the models: faster for many of
-- them, and slower for few.
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM rate_keys k
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND u.unlisted @> @known_at::timestamptz AND u.unlisted && b.effective
WHERE k.model = ANY (@models::bigint[])
  AND b.effective @> @at::timestamptz
  AND tstzrange(b.known_from, b.known_until) @> @known_at::timestamptz
  AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz;

-- name: PlanForMany :exec
-- Until the transaction ends: a plan that was made for any number of models
-- expects few, and sorting them should need no disk.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '32MB', true), set_config('jit', 'off', true);

-- name: PlanForSome :exec
-- Until the transaction ends: some hundreds of models are found by their numbers
-- alike, whichever they are, and planning that each time would take longer.
SELECT set_config('plan_cache_mode', 'force_generic_plan', true);

-- name: RateHistory :many
SELECT k.model, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens,
       b.id, b.amount, b.unit, b.currency, b.origin, b.basis,
       lower(b.effective)::timestamptz AS effective_from, upper(b.effective)::timestamptz AS effective_to,
       b.known_from, b.known_to, b.not_before, b.not_after, b.quote, b.statement, b.modifier,
       lower(u.unlisted)::timestamptz AS unlisted_since
FROM models m
JOIN rate_keys k ON k.model = m.number
JOIN beliefs b ON b.key = k.number
LEFT JOIN unlisted_rates u ON u.key = k.number AND u.unlisted && b.effective
    AND u.unlisted @> @known_at::timestamptz
WHERE m.provider = @provider AND m.id = @id
  AND b.known_from <= @known_at::timestamptz AND b.known_until > @known_at::timestamptz
  AND CASE WHEN @overlapping::boolean
           THEN b.effective && tstzrange(sqlc.narg('first')::timestamptz, sqlc.narg('until')::timestamptz)
           ELSE coalesce(lower(b.effective), '-infinity') >= coalesce(sqlc.narg('first')::timestamptz, '-infinity')
                AND coalesce(lower(b.effective), '-infinity') < coalesce(sqlc.narg('until')::timestamptz, 'infinity') END
ORDER BY k.tier, k.region, k.min_prompt_tokens, k.meter, k.layer, lower(b.effective) DESC NULLS LAST;

-- name: QuotesByNumber :many
SELECT q.number, s.name AS source, q.name, q.tier, q.meter, q.region, q.above, q.min_prompt_tokens, q.first_day, q.last_day
FROM source_quotes q
JOIN sources s ON s.number = q.source
WHERE q.number = ANY (@numbers::bigint[]);

-- name: Statement :one
SELECT s.provider, s.name AS source,
       q.number, q.name, q.tier, q.meter, q.region, q.above, q.min_prompt_tokens, q.first_day, q.last_day,
       t.id, t.amount, lower(t.stated)::timestamptz AS stated_from, upper(t.stated)::timestamptz AS stated_to,
       t.reader, t.path, t.row_text, t.header, t.cell, t.page, t.config_version
FROM source_statements t
JOIN source_quotes q ON q.number = t.quote
JOIN sources s ON s.number = q.source
WHERE t.id = @id;

-- name: ModifiersByID :many
-- With the pages they stood in, bodies left out.
SELECT d.id, s.provider, s.name AS source, d.name, d.what, d.factor, d.said,
       lower(d.stated)::timestamptz AS stated_from, upper(d.stated)::timestamptz AS stated_to,
       d.reader, d.path, d.row_text, d.header, d.cell, d.page, d.config_version,
       p.sha256, p.url, p.fetched_at, p.content_type
FROM modifier_statements d
JOIN sources s ON s.number = d.source
LEFT JOIN pages p ON p.id = d.page
WHERE d.id = ANY (@ids::bigint[])
ORDER BY d.id;

-- name: ModifiersOfStatement :many
-- Those by which a rate was ever derived from what a statement printed.
SELECT DISTINCT b.modifier::bigint AS id
FROM beliefs b
WHERE b.statement = @statement AND b.modifier IS NOT NULL;

-- name: PrintedAmounts :many
SELECT t.id, t.amount FROM source_statements t WHERE t.id = ANY (@ids::bigint[]);
