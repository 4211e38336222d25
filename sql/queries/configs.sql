-- name: LockConfigs :exec
LOCK TABLE scraping_config IN SHARE ROW EXCLUSIVE MODE;

-- name: OutdatedConfigs :many
-- Which of a release's defaults have to be stored: those of providers that
-- have no configuration, and those whose newest one an older release brought.
SELECT d.provider::text AS provider, d.config::jsonb AS config, (coalesce(newest.version, 0) + 1)::integer AS version
FROM (SELECT unnest(@providers::text[]) AS provider, unnest(@configs::jsonb[]) AS config) d
LEFT JOIN LATERAL (
    SELECT c.version, c.author, c.config
    FROM scraping_config c
    WHERE c.provider = d.provider
    ORDER BY c.version DESC
    LIMIT 1
) newest ON true
WHERE newest.version IS NULL OR (newest.author = @release::text AND newest.config <> d.config);

-- name: DeactivateConfigs :exec
UPDATE scraping_config SET active = false WHERE provider = ANY (@providers::text[]) AND active;

-- name: InsertConfigs :copyfrom
INSERT INTO scraping_config (provider, version, config, author, active, created_at, restores)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ActiveConfig :one
SELECT version, config, author, created_at, restores FROM scraping_config WHERE provider = @provider AND active;

-- name: ConfigVersion :one
SELECT version, config, author, created_at, restores FROM scraping_config WHERE provider = @provider AND version = @version;

-- name: ConfigVersions :many
SELECT version, config, author, created_at, restores FROM scraping_config WHERE provider = @provider ORDER BY version DESC;
