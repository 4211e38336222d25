-- name: LastReads :many
-- When each source was last read well, with for how many hours that is good (0: nothing is set).
SELECT s.provider, s.name, s.last_good_read::timestamptz AS last_good_read,
       coalesce((SELECT (t.settings->>'staleAfterHours')::bigint FROM settings t), 0)::bigint AS stale_after_hours
FROM sources s
WHERE s.last_good_read IS NOT NULL;

-- name: StatedElsewhere :many
-- When the other sources that state what some rates rest on were last read
-- well: under the name that prices the model, the same price of the same thing.
SELECT r.id, max(s2.last_good_read)::timestamptz AS last_good_read
FROM rates r
JOIN rate_keys k ON k.number = r.key
JOIN source_quotes q ON q.number = r.quote
JOIN source_statements t ON t.id = r.statement
JOIN sources s ON s.number = q.source
JOIN model_matches m ON m.model = k.model AND upper_inf(m.matched)
JOIN sources s2 ON s2.provider = s.provider AND s2.number <> s.number AND s2.last_good_read IS NOT NULL
JOIN source_quotes q2 ON q2.source = s2.number AND q2.name = m.name
    AND (q2.tier, q2.meter, q2.region, q2.min_prompt_tokens) = (q.tier, q.meter, q.region, q.min_prompt_tokens)
    AND coalesce(q2.first_day, '-infinity') <= @today::date AND coalesce(q2.last_day, 'infinity') >= @today::date
JOIN source_statements t2 ON t2.quote = q2.number AND upper_inf(t2.stated) AND t2.amount = t.amount
WHERE r.id = ANY (@ids::bigint[])
GROUP BY r.id;

-- name: AnnounceStale :execrows
-- Notes which sources are stale now, and which are no longer since more is
-- allowed. One that is read well is fresh at once (NoteReads).
UPDATE sources SET gone_stale = CASE WHEN last_good_read <= @read_by::timestamptz THEN @at::timestamptz END
WHERE last_good_read IS NOT NULL AND (gone_stale IS NOT NULL) <> (last_good_read <= @read_by::timestamptz);
