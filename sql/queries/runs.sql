-- name: BeginRun :execrows
-- started null: the run waits, which a run that is there already does not. Nor
-- does one that has started begin again at the same instant: that is a repeat.
INSERT INTO runs (id, sync_id, provider, trigger, started)
VALUES (@id, @sync_id, @provider, @trigger, @started)
ON CONFLICT ON CONSTRAINT runs_pkey DO UPDATE SET
    started = excluded.started, ended = NULL, outcome = '',
    models_discovered = 0, models_added = 0, models_updated = 0, models_deprecated = 0,
    pricing_updated = 0, version = 0
WHERE excluded.started IS NOT NULL AND (runs.started IS DISTINCT FROM excluded.started OR runs.ended IS NOT NULL);

-- name: BeginStatus :exec
INSERT INTO sync_status (provider, status, last_attempt, last_run)
VALUES (@provider, 'running', @started, @run)
ON CONFLICT ON CONSTRAINT sync_status_pkey DO UPDATE SET
    status = 'running', last_attempt = greatest(sync_status.last_attempt, excluded.last_attempt), last_run = excluded.last_run;

-- name: ForgetSteps :exec
DELETE FROM run_steps WHERE run = @run;

-- name: ForgetReads :exec
DELETE FROM source_reads WHERE run = @run;

-- name: FinishRun :execrows
UPDATE runs SET
    ended = @ended, outcome = @outcome, models_discovered = @models_discovered, models_added = @models_added,
    models_updated = @models_updated, models_deprecated = @models_deprecated, pricing_updated = @pricing_updated,
    version = @version
WHERE id = @id AND ended IS NULL;

-- name: LockTroubles :one
SELECT troubles FROM sync_status WHERE provider = @provider FOR UPDATE;

-- name: FinishStatus :exec
-- Another run of the provider may have begun since: then it is running.
UPDATE sync_status SET
    status = CASE WHEN last_run = @run::uuid THEN @status::text ELSE status END,
    last_sync = CASE WHEN @success::boolean THEN greatest(last_sync, @ended::timestamptz) ELSE last_sync END,
    last_attempt = greatest(last_attempt, @ended::timestamptz),
    troubles = @troubles
WHERE provider = @provider;

-- name: InsertSteps :copyfrom
INSERT INTO run_steps (run, ordinal, name, outcome, started, ended, detail, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: InsertReads :copyfrom
INSERT INTO source_reads (run, ordinal, source, at, good, page, strategy, config_version, quotes, error, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: RunsByID :many
SELECT id, sync_id, provider, trigger, started, ended, outcome, models_discovered, models_added, models_updated,
       models_deprecated, pricing_updated, version
FROM runs
WHERE id = ANY (@ids::uuid[])
ORDER BY provider, started, id;

-- name: RunsOfSync :many
SELECT id FROM runs WHERE sync_id = @sync_id;

-- name: StepsOfRuns :many
SELECT run, name, outcome, started, ended, detail, error
FROM run_steps
WHERE run = ANY (@runs::uuid[])
ORDER BY run, ordinal;

-- name: ReadsOfRuns :many
SELECT r.run, s.name AS source, r.at, r.good, r.page, r.strategy, r.config_version, r.quotes, r.error, r.failure
FROM source_reads r
JOIN sources s ON s.number = r.source
WHERE r.run = ANY (@runs::uuid[])
ORDER BY r.run, r.ordinal;

-- name: Statuses :many
SELECT provider, status, last_sync, last_attempt, next_sync, last_run, troubles FROM sync_status ORDER BY provider;

-- name: LastListings :many
SELECT provider, list_last_complete FROM ledgers WHERE list_last_complete IS NOT NULL;

-- name: ModelSources :many
-- On what the models rest that can be used, of each provider.
SELECT m.provider, v.source, count(*) AS models
FROM model_versions v
JOIN models m ON m.number = v.model
WHERE upper_inf(v.seen) AND v.usability <> 'deprecated'
GROUP BY m.provider, v.source
ORDER BY m.provider, v.source;

-- name: StatusMark :one
-- Names all that a status is made of: rows by provider and source.
SELECT md5(concat_ws(' ',
    (SELECT string_agg(s::text, ' ' ORDER BY s.provider) FROM sync_status s),
    (SELECT string_agg(o.last_attempt || ' ' || coalesce(o.last_good_read::text, '') || o.last_error, ' ' ORDER BY o.number) FROM sources o WHERE o.last_attempt IS NOT NULL),
    (SELECT string_agg(l.provider || ' ' || l.edition || coalesce(l.list_last_complete::text, ''), ' ' ORDER BY l.provider) FROM ledgers l)
))::text AS mark;
