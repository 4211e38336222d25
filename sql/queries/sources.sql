-- name: Sources :many
SELECT number, provider, name, last_good_read, last_attempt, last_error, gone_stale
FROM sources
WHERE @provider::text = '' OR provider = @provider::text
ORDER BY provider, name;

-- name: MakeSources :exec
-- Makes those that are not there, in one order, so that two writers wait for
-- each other instead of both.
INSERT INTO sources (provider, name)
SELECT @provider::text, n.name FROM (SELECT DISTINCT unnest(@names::text[]) AS name) n ORDER BY n.name COLLATE "C"
ON CONFLICT ON CONSTRAINT sources_provider_name_key DO NOTHING;

-- name: SourceNumber :one
SELECT number FROM sources WHERE provider = @provider AND name = @name;

-- name: NoteReads :exec
-- Moves each source's standing forward, never back.
INSERT INTO sources AS s (provider, name, last_good_read, last_attempt, last_error)
SELECT @provider::text, unnest(@names::text[]), unnest(@good::timestamptz[]), unnest(@attempts::timestamptz[]), unnest(@errors::text[])
ORDER BY 2
ON CONFLICT ON CONSTRAINT sources_provider_name_key DO UPDATE SET
    last_good_read = greatest(s.last_good_read, excluded.last_good_read),
    gone_stale = CASE WHEN excluded.last_good_read > s.last_good_read THEN NULL ELSE s.gone_stale END,
    last_attempt = greatest(s.last_attempt, excluded.last_attempt),
    last_error = CASE WHEN s.last_attempt > excluded.last_attempt THEN s.last_error ELSE excluded.last_error END;

-- name: Quotes :many
SELECT q.number, s.name AS source, q.name, q.tier, q.meter, q.region, q.above, q.min_prompt_tokens, q.first_day, q.last_day
FROM source_quotes q
JOIN sources s ON s.number = q.source
WHERE s.provider = @provider;

-- name: InsertQuotes :copyfrom
INSERT INTO source_quotes (number, source, name, tier, meter, region, above, min_prompt_tokens, first_day, last_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: OpenStatements :many
SELECT t.id, t.quote, t.amount, lower(t.stated)::timestamptz AS stated_from, upper(t.stated)::timestamptz AS stated_to,
       t.reader, t.path, t.row_text, t.header, t.cell, t.page, t.config_version
FROM source_statements t
JOIN source_quotes q ON q.number = t.quote
JOIN sources s ON s.number = q.source
WHERE s.provider = @provider AND upper_inf(t.stated)
ORDER BY t.id;

-- name: StatedQuotes :many
SELECT sqlc.embed(q), t.amount
FROM source_statements t
JOIN source_quotes q ON q.number = t.quote
JOIN sources s ON s.number = q.source
WHERE s.provider = @provider AND s.name = @source AND upper_inf(t.stated);

-- name: EndStatements :execrows
UPDATE source_statements SET stated = tstzrange(lower(stated), greatest(lower(stated), @at::timestamptz))
WHERE id = ANY (@ids::bigint[]) AND upper_inf(stated);

-- name: InsertStatements :copyfrom
INSERT INTO source_statements (
    id, quote, amount, stated, reader, path, row_text, header, cell, page, config_version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: Modifiers :many
-- All that were ever stated: they are few.
SELECT d.id, s.name AS source, d.name, d.what, d.factor, d.said,
       lower(d.stated)::timestamptz AS stated_from, upper(d.stated)::timestamptz AS stated_to,
       d.reader, d.path, d.row_text, d.header, d.cell, d.page, d.config_version
FROM modifier_statements d
JOIN sources s ON s.number = d.source
WHERE s.provider = @provider
ORDER BY d.id;

-- name: EndModifiers :execrows
UPDATE modifier_statements SET stated = tstzrange(lower(stated), greatest(lower(stated), @at::timestamptz))
WHERE id = ANY (@ids::bigint[]) AND upper_inf(stated);

-- name: InsertModifiers :copyfrom
INSERT INTO modifier_statements (
    id, source, name, what, factor, said, stated, reader, path, row_text, header, cell, page, config_version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: FindPage :one
SELECT id FROM pages WHERE source = @source AND sha256 = @sha256;

-- name: InsertPage :exec
INSERT INTO pages (source, sha256, url, fetched_at, content_type, etag, last_modified, body)
VALUES (@source, @sha256, @url, @fetched_at, @content_type, @etag, @last_modified, @body)
ON CONFLICT ON CONSTRAINT pages_source_sha256_key DO NOTHING;

-- name: Page :one
SELECT p.id, s.provider, s.name AS source, p.sha256, p.url, p.fetched_at, p.content_type, p.etag, p.last_modified, p.body
FROM pages p
JOIN sources s ON s.number = p.source
WHERE p.id = @id;

-- name: LatestPage :one
SELECT p.id, s.provider, s.name AS source, p.sha256, p.url, p.fetched_at, p.content_type, p.etag, p.last_modified
FROM pages p
JOIN sources s ON s.number = p.source
WHERE s.provider = @provider AND s.name = @source
ORDER BY greatest(p.fetched_at, (SELECT max(r.at) FROM source_reads r WHERE r.page = p.id)) DESC, p.id DESC
LIMIT 1;
