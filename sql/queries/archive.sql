-- name: GoodReads :many
-- A run that died after it had stored what it read left no record of the read
-- but the statements that came of it.
SELECT s.name AS source, coalesce(g.page, 0)::bigint AS page, g.at::timestamptz AS at, coalesce(min(g.known), g.at)::timestamptz AS known
FROM (
    SELECT r.source, r.page, r.at, u.ended AS known
    FROM source_reads r
    JOIN runs u ON u.id = r.run
    WHERE u.provider = @provider AND r.good
    UNION ALL
    SELECT q.source, t.page, lower(t.stated), (SELECT min(b.known_from) FROM beliefs b WHERE b.statement = t.id)
    FROM source_statements t
    JOIN source_quotes q ON q.number = t.quote
    JOIN sources o ON o.number = q.source
    WHERE o.provider = @provider AND t.page IS NOT NULL
      AND NOT EXISTS (SELECT FROM source_reads r WHERE r.page = t.page AND r.at = lower(t.stated) AND r.good)
      AND NOT EXISTS (SELECT FROM source_looks l WHERE l.source = q.source AND l.at = lower(t.stated))
) g
JOIN sources s ON s.number = g.source
GROUP BY s.name, g.page, g.at
ORDER BY g.at, s.name, g.page;

-- name: Origins :many
SELECT DISTINCT t.id, s.name AS source, t.page::bigint AS page, lower(t.stated)::timestamptz AS at
FROM rates r
JOIN rate_keys k ON k.number = r.key
JOIN models m ON m.number = k.model
JOIN source_statements t ON t.id = r.statement
JOIN source_quotes q ON q.number = t.quote
JOIN sources s ON s.number = q.source
WHERE m.provider = @provider AND t.page IS NOT NULL;
