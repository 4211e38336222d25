-- +goose Up

ALTER TABLE scraping_config ADD COLUMN restores integer;
COMMENT ON COLUMN scraping_config.restores IS 'The earlier version that somebody rolled back to; null for one that was written.';
