-- name: DueProviders :many
SELECT p.provider::text
FROM unnest(@providers::text[]) WITH ORDINALITY p (provider, place)
LEFT JOIN sync_status s ON s.provider = p.provider
WHERE s.next_sync IS NULL OR s.next_sync <= @now::timestamptz
ORDER BY p.place;

-- name: ScheduleNext :exec
INSERT INTO sync_status (provider, status, next_sync)
SELECT p, 'idle', @at::timestamptz FROM unnest(@providers::text[]) p
ON CONFLICT ON CONSTRAINT sync_status_pkey DO UPDATE SET next_sync = excluded.next_sync;

-- name: PassDue :exec
INSERT INTO sync_status (provider, status, next_sync)
SELECT p, 'idle', @next::timestamptz FROM unnest(@providers::text[]) p
ON CONFLICT ON CONSTRAINT sync_status_pkey DO UPDATE SET next_sync = excluded.next_sync
WHERE sync_status.next_sync IS NULL OR sync_status.next_sync <= @now::timestamptz;

-- name: Settings :one
SELECT settings FROM settings;

-- name: LockSettings :exec
LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE;

-- name: SaveSettings :exec
INSERT INTO settings (settings, saved_at, saved_by) VALUES (@settings, @saved_at, @saved_by)
ON CONFLICT ON CONSTRAINT settings_pkey DO UPDATE SET
    settings = excluded.settings, saved_at = excluded.saved_at, saved_by = excluded.saved_by;
