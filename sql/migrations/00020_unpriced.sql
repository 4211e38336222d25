-- +goose Up

CREATE TABLE unpriced_models (
    model   bigint NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT unpriced_models_pkey PRIMARY KEY (model),
    CONSTRAINT unpriced_models_model_fkey FOREIGN KEY (model) REFERENCES models (number)
);
COMMENT ON TABLE unpriced_models IS 'The models of which it was told that nothing prices them, until something does: what was told once is not told again.';
