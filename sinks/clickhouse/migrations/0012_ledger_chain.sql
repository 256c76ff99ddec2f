-- The chain of the ledger's entries, and the house's signatures on its ends. Bytes are as they were, not in hexadecimal.

ALTER TABLE ledger_entries ADD COLUMN IF NOT EXISTS sequence Int64 DEFAULT -1;

ALTER TABLE ledger_entries ADD COLUMN IF NOT EXISTS previous String CODEC(NONE);

CREATE TABLE ledger_checkpoints (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    partition Int32, sequence Int64, hash String CODEC(NONE), previous String CODEC(NONE), entries Int64,
    key_id LowCardinality(String), signature String CODEC(NONE)
) ENGINE = ReplacingMergeTree ORDER BY (partition, sequence, _partition, _offset);
