-- +goose Up

-- Every replica holds what is believed now in memory, and reads again what has
-- changed of it.
ALTER TABLE ledgers ADD COLUMN changed bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledgers.changed IS 'The catalogue version by which readers last saw something of the provider change; 0: before versions were noted here.';

-- +goose StatementBegin
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ratecard_catalogue', NEW.version::text);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER catalogue_version_raised AFTER UPDATE OF version ON catalogue
    FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
