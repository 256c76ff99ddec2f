-- What a connector says of a message that ends a recovery.

ALTER TABLE raw_messages ADD COLUMN IF NOT EXISTS restores Nullable(Bool);
