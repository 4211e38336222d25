-- name: ExpiredRates :many
-- A rate that its source states still would be believed anew with its next
-- reading: it stays.
SELECT r.id
FROM rates r
WHERE r.id > @after AND upper(r.effective) < @ended_before::timestamptz
  AND NOT EXISTS (SELECT FROM source_statements t WHERE t.id = r.statement AND upper_inf(t.stated))
ORDER BY r.id
LIMIT @how_many;

-- name: DeleteRates :execrows
DELETE FROM rates WHERE id = ANY (@ids::bigint[]);

-- name: ExpiredBeliefs :many
SELECT b.id
FROM superseded_rates b
WHERE b.id > @after AND b.known_to < @ended_before::timestamptz AND upper(b.effective) < @ended_before::timestamptz
ORDER BY b.id
LIMIT @how_many;

-- name: DeleteBeliefs :execrows
DELETE FROM superseded_rates WHERE id = ANY (@ids::bigint[]);

-- name: DeletePages :execrows
-- A page that came again counts from then. One that somebody refers to at this
-- moment is left for the next time, and so are those of a provider whose run
-- has not ended: it may be about to refer to one.
DELETE FROM pages
WHERE id IN (
    SELECT p.id
    FROM pages p
    WHERE p.fetched_at < @came_before::timestamptz
      AND NOT EXISTS (SELECT FROM source_statements t WHERE t.page = p.id)
      AND NOT EXISTS (SELECT FROM modifier_statements d WHERE d.page = p.id)
      AND NOT EXISTS (SELECT FROM source_reads r WHERE r.page = p.id AND r.at >= @came_before::timestamptz)
      AND NOT EXISTS (
          SELECT FROM sources s
          JOIN runs u ON u.provider = s.provider
          WHERE s.number = p.source AND u.started >= @came_before::timestamptz AND u.ended IS NULL)
    LIMIT @how_many
    FOR UPDATE SKIP LOCKED
);
