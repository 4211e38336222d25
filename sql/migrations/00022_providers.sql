-- +goose Up

CREATE TABLE provider_entries (
    provider    text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    description jsonb,
    enabled     boolean,
    saved_at    timestamptz NOT NULL,
    saved_by    text NOT NULL,
    CONSTRAINT provider_entries_pkey PRIMARY KEY (provider),
    CONSTRAINT provider_entries_version_counts CHECK (version > 0)
);
COMMENT ON TABLE provider_entries IS 'What administrators said of providers at run time. Earlier entries stand in the events.';
COMMENT ON COLUMN provider_entries.description IS 'As a provider file; null: as the program or its folder of files describes it.';
COMMENT ON COLUMN provider_entries.enabled IS 'Null: as it is described.';
