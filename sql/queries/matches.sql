-- name: RulingsInForce :many
-- Of one provider, or of all where none is named.
SELECT r.id, m.provider, m.id AS model, r.name, r.ruling, r.made_at, r.made_by, r.reason
FROM match_rulings r
JOIN models m ON m.number = r.model
WHERE r.released_at IS NULL AND (@provider::text = '' OR m.provider = @provider::text)
ORDER BY r.id DESC;

-- name: ReleaseRulings :execrows
UPDATE match_rulings SET released_at = @at::timestamptz
WHERE id = ANY (@ids::bigint[]) AND released_at IS NULL;

-- name: InsertRulings :copyfrom
INSERT INTO match_rulings (model, name, ruling, made_at, made_by, reason) VALUES ($1, $2, $3, $4, $5, $6);

-- name: CurrentMatches :many
SELECT m.id AS model, c.name, c.how, lower(c.matched)::timestamptz AS since
FROM model_matches c
JOIN models m ON m.number = c.model
WHERE m.provider = @provider AND upper_inf(c.matched);

-- name: EndMatches :execrows
UPDATE model_matches SET matched = tstzrange(lower(matched), greatest(lower(matched), @at::timestamptz))
WHERE model = ANY (@models::bigint[]) AND upper_inf(matched);

-- name: InsertMatches :copyfrom
INSERT INTO model_matches (model, name, how, matched) VALUES ($1, $2, $3, $4);

-- name: PrintedNames :many
-- What the source that was read last prints of a provider now.
SELECT DISTINCT q.name
FROM source_statements t
JOIN source_quotes q ON q.number = t.quote
WHERE upper_inf(t.stated)
  AND q.source = (
      SELECT s.number FROM sources s
      WHERE s.provider = @provider AND s.last_good_read IS NOT NULL
      ORDER BY s.last_good_read DESC, s.number
      LIMIT 1)
ORDER BY q.name;

-- name: UnpricedTold :many
SELECT m.id AS model, u.told_at
FROM unpriced_models u
JOIN models m ON m.number = u.model
WHERE m.provider = @provider;

-- name: ForgetUnpriced :execrows
DELETE FROM unpriced_models WHERE model = ANY (@models::bigint[]);

-- name: InsertUnpriced :copyfrom
INSERT INTO unpriced_models (model, told_at) VALUES ($1, $2);
