-- What persons decided on which fixtures are one, and what became of the fixtures that were merged.

CREATE TABLE identity_decisions (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    action LowCardinality(String), fixture_id String, retired_id Nullable(String), subject_provider Nullable(String),
    subject_fixture_id Nullable(String), turned Bool, sport LowCardinality(String), competition_id String,
    competition String, name String, home_id Nullable(String), away_id Nullable(String), home Nullable(String),
    away Nullable(String), kick_off_at DateTime64(6, 'UTC'), actor LowCardinality(String), reason String
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, occurred_at, _partition, _offset);

ALTER TABLE fixtures ADD COLUMN IF NOT EXISTS successor_id Nullable(String);
