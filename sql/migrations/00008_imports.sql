-- +goose Up

ALTER TABLE ledgers ADD COLUMN imported timestamptz[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ledgers.imported IS 'The instants of the price lists of other catalogues that were imported, in order: a list holds until the next one''s, so that lists may come in any order.';

-- Who entered a manual rate, and why, stands in the event that told of it.
CREATE INDEX events_model ON events (provider, model, id);
