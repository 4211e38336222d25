-- +goose Up

CREATE TABLE settings (
    only_one boolean NOT NULL DEFAULT true,
    settings jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL,
    CONSTRAINT settings_pkey PRIMARY KEY (only_one),
    CONSTRAINT settings_are_one_row CHECK (only_one)
);
COMMENT ON TABLE settings IS 'What an administrator set at run time; no row: nothing. Earlier settings stand in the events.';
