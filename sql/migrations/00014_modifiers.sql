-- +goose Up

-- What was believed of one key at an instant is found in the index alone: of
-- the many rows of a key few are to be looked at.
DROP INDEX superseded_rates_key;
CREATE INDEX superseded_rates_key ON superseded_rates (key, known_to, known_from);
