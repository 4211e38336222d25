-- name: ProviderEntries :many
SELECT provider, version, description, enabled, saved_at, saved_by FROM provider_entries ORDER BY provider;

-- name: LockProviderEntries :exec
LOCK TABLE provider_entries IN SHARE ROW EXCLUSIVE MODE;

-- name: ProviderEntryVersion :one
SELECT version FROM provider_entries WHERE provider = @provider;

-- name: SaveProviderEntry :exec
INSERT INTO provider_entries (provider, version, description, enabled, saved_at, saved_by)
VALUES (@provider, @version, @description, @enabled, @saved_at, @saved_by)
ON CONFLICT ON CONSTRAINT provider_entries_pkey DO UPDATE SET
    version = excluded.version, description = excluded.description, enabled = excluded.enabled,
    saved_at = excluded.saved_at, saved_by = excluded.saved_by;
