-- Where providers differ on a fixture, and how far each counts in it, as they were told over time.

CREATE TABLE provider_differences (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), measure LowCardinality(String), differs Bool, apart Float64, tolerance Float64,
    figures Array(Tuple(provider LowCardinality(String), name LowCardinality(String), value Float64)) CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, measure, occurred_at, _partition, _offset);

CREATE TABLE provider_coverage (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), state LowCardinality(String), reason LowCardinality(String),
    since_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), measure LowCardinality(String), expected Int64,
    received Int64, share Float64, objective Float64
) ENGINE = ReplacingMergeTree ORDER BY (provider, fixture_id, occurred_at, _partition, _offset);
