-- How complete each provider is on each fixture, and how far its clock is from others, as they were told over time.

CREATE TABLE feed_completeness (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), measure LowCardinality(String), stream_id LowCardinality(String),
    since_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), expected Int64, received Int64, share Float64,
    objective Float64, met Bool
) ENGINE = ReplacingMergeTree ORDER BY (provider, measure, fixture_id, stream_id, occurred_at, _partition, _offset);

CREATE TABLE clock_skews (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    against LowCardinality(String), scope_id LowCardinality(String), skew_us Int64, spread_us Int64, samples Int64
) ENGINE = ReplacingMergeTree ORDER BY (provider, against, scope_id, occurred_at, _partition, _offset);
