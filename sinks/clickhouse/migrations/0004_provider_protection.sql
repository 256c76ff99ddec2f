-- What was seen of each provider in each partition of the book, and the states that were decided by it.

CREATE TABLE provider_evidence (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    partition Int32, newest_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), stale_after_us Int64, open_markets Int64,
    judged Int64, contrary Int64
) ENGINE = ReplacingMergeTree ORDER BY (provider, partition, occurred_at, _partition, _offset);

CREATE TABLE provider_statuses (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    state LowCardinality(String), reason LowCardinality(String), since_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    streams Int64, streams_down Int64, quiet_us Int64, stale_after_us Int64, judged Int64, contrary Int64
) ENGINE = ReplacingMergeTree ORDER BY (provider, occurred_at, _partition, _offset);
