-- +goose Up
ALTER TABLE api_keys
    ADD COLUMN requests_per_minute bigint,
    ADD CONSTRAINT api_keys_requests_per_minute_is_a_limit CHECK (requests_per_minute BETWEEN 1 AND 1000000000);
COMMENT ON COLUMN api_keys.requests_per_minute IS 'How many requests a minute may be made with the key, on all replicas together; null: as many as the server lets everybody.';

