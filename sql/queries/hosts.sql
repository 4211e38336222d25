-- name: TakeTurn :one
-- The clock is the database's unless one is given: replicas share it.
INSERT INTO hosts AS h (host, last_turn)
VALUES (@host, coalesce(sqlc.narg('now')::timestamptz, clock_timestamp()))
ON CONFLICT ON CONSTRAINT hosts_pkey DO UPDATE
SET last_turn = greatest(excluded.last_turn, h.last_turn + @gap::interval)
WHERE greatest(excluded.last_turn, h.last_turn + @gap::interval) <= excluded.last_turn + @patience::interval
RETURNING (extract(epoch FROM last_turn - coalesce(sqlc.narg('now')::timestamptz, clock_timestamp())) * 1000000)::bigint AS wait;

-- name: NextTurn :one
SELECT (extract(epoch FROM (last_turn + @gap::interval) - coalesce(sqlc.narg('now')::timestamptz, clock_timestamp())) * 1000000)::bigint AS wait
FROM hosts WHERE host = @host;

-- name: RobotsFile :one
SELECT body, fetched_at FROM robots_files WHERE origin = @origin;

-- name: SaveRobotsFile :exec
INSERT INTO robots_files (origin, body, fetched_at) VALUES (@origin, @body, @fetched_at)
ON CONFLICT ON CONSTRAINT robots_files_pkey DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at
WHERE robots_files.fetched_at <= excluded.fetched_at;
