-- +goose Up

ALTER TABLE sources ADD COLUMN gone_stale timestamptz;
COMMENT ON COLUMN sources.gone_stale IS 'When it was announced that the last good read is longer ago than promised; null while it is not.';
