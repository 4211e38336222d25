-- +goose Up

-- Up to where it was told that what was announced has come. A provider begins
-- at its own first reading; for those that are known already nothing that lies
-- in the past is told any more.
ALTER TABLE ledgers ADD COLUMN announced_until timestamptz;
UPDATE ledgers SET announced_until = now();

-- Only what was known before it came: few rows, so that a look for what has
-- come since the last one costs next to nothing.
CREATE INDEX rates_announced_beginnings ON rates (lower(effective)) WHERE known_from < lower(effective);
CREATE INDEX rates_announced_ends ON rates (upper(effective)) WHERE known_from < upper(effective);

-- The record of a read outlives the page that was read.
ALTER TABLE source_reads
    DROP CONSTRAINT source_reads_page_fkey,
    ADD CONSTRAINT source_reads_page_fkey FOREIGN KEY (page) REFERENCES pages (id) ON DELETE SET NULL;
