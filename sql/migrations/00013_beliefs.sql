-- +goose Up

-- So that what was believed at an instant is a range of known_until, which an
-- index and the years of superseded_rates know: with "null or later" they are of
-- no use.
CREATE OR REPLACE VIEW beliefs AS
SELECT id, key, amount, unit, currency, origin, basis, effective, known_from,
       NULL::timestamptz AS known_to, not_before, not_after, quote, statement,
       'infinity'::timestamptz AS known_until
FROM rates
UNION ALL
SELECT id, key, amount, unit, currency, origin, basis, effective, known_from,
       known_to, not_before, not_after, quote, statement,
       known_to AS known_until
FROM superseded_rates;
COMMENT ON VIEW beliefs IS 'rates and superseded_rates together. known_to is null, and known_until infinity, while a rate is believed.';

-- +goose StatementBegin
CREATE FUNCTION await_updates(space integer, of_provider text, by timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held integer;
BEGIN
    FOR held IN
        SELECT l.objid::bigint::bit(32)::integer
        FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.mode = 'ExclusiveLock' AND l.classid = space::oid
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND (of_provider = '' OR l.objid::bigint::bit(32)::integer = hashtext(of_provider))
          AND NOT EXISTS (SELECT FROM ledgers g WHERE hashtext(g.provider) = l.objid::bigint::bit(32)::integer AND g.last_known >= by)
    LOOP
        -- Given back at once: nobody waits for us while we wait for another.
        PERFORM pg_advisory_lock_shared(space, held);
        PERFORM pg_advisory_unlock_shared(space, held);
    END LOOP;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION await_updates IS 'Waits until the updates that are being written now, of one provider or (empty) of all, and that may become known by an instant, are done. Whoever begins an update later knows it later.';

-- For the whole catalogue of an instant: what is in force then among all that is
-- believed, and what was believed then among all that was.
CREATE INDEX rates_effective ON rates USING gist (effective);
CREATE INDEX superseded_rates_known ON superseded_rates USING gist (tstzrange(known_from, known_to));
