-- +goose Up

-- Whoever follows the events is woken, also by those that leave the catalogue as
-- it is.
-- +goose StatementBegin
CREATE FUNCTION events_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ratecard_events', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER events_told AFTER INSERT ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_written();
