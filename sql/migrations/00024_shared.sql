-- +goose Up

-- What is believed of a provider is copied to every replica, and to what they
-- share. A copy is told by a name that is given once: a number that counts up
-- would be given again after a backup was restored, or by another database.
ALTER TABLE ledgers DROP COLUMN changed, ADD COLUMN edition uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN ledgers.edition IS 'Names what readers see of the provider: another after every change of that.';
