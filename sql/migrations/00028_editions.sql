-- +goose Up

-- Who holds what is believed of a provider, and has an older edition of it, need not
-- read thousands of models again for the one that has changed.
CREATE TABLE editions (
    provider text COLLATE "C" NOT NULL,
    number   bigint GENERATED ALWAYS AS IDENTITY,
    edition  uuid NOT NULL,
    models   bigint[],
    CONSTRAINT editions_pkey PRIMARY KEY (provider, number)
);
COMMENT ON TABLE editions IS 'The newest editions of what readers see of each provider, in the order in which they were written.';
COMMENT ON COLUMN editions.models IS 'Of which models readers see something that the edition before did not tell; null: it may be of any.';
