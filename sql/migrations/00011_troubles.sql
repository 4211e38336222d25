-- +goose Up

ALTER TABLE sync_status ADD COLUMN troubles jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN sync_status.troubles IS 'How many runs in a row failed, and in how many in a row each step did.';
