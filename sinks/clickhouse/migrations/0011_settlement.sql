-- What markets are, what sources say of results, what the house holds of them, and how legs and bets are settled.

CREATE TABLE results (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), told_by LowCardinality(String),
    told_number Int64, action LowCardinality(String), confirmed Bool,
    selections Array(Tuple(selection_id LowCardinality(String), win Int8, void_numerator UInt32, void_denominator UInt32, dead_heat_numerator UInt32,
        dead_heat_denominator UInt32, deduction UInt8, known_at Nullable(DateTime64(6, 'UTC')))),
    selection_ids Array(LowCardinality(String)), from_at Nullable(DateTime64(6, 'UTC')),
    until_at Nullable(DateTime64(6, 'UTC')), superseded_by String, actor Nullable(String), reason String
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, told_by, occurred_at, _partition, _offset);

CREATE TABLE settlements (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), version UInt64, status LowCardinality(String),
    selections Array(Tuple(selection_id LowCardinality(String), win Int8, void_numerator UInt32, void_denominator UInt32, dead_heat_numerator UInt32,
        dead_heat_denominator UInt32, deduction UInt8, known_at Nullable(DateTime64(6, 'UTC')))),
    cancelled Array(Tuple(selection_id LowCardinality(String), from_at Nullable(DateTime64(6, 'UTC')),
        until_at Nullable(DateTime64(6, 'UTC')), spared Array(LowCardinality(String)), code LowCardinality(String))),
    case Array(Tuple(selection_id LowCardinality(String), told_by LowCardinality(String), confirmed Bool, outcome String)),
    code LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, version, _partition, _offset);

CREATE TABLE leg_settlements (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    leg_id String, bet_id String, customer_id String, fixture_id LowCardinality(String), market_id LowCardinality(String),
    selection_id LowCardinality(String), version UInt64, status LowCardinality(String),
    result Tuple(selection_id LowCardinality(String), win Int8, void_numerator UInt32, void_denominator UInt32, dead_heat_numerator UInt32,
        dead_heat_denominator UInt32, deduction UInt8, known_at Nullable(DateTime64(6, 'UTC'))),
    code LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, bet_id, leg_id, version, _partition, _offset);

CREATE TABLE bet_settlements (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    bet_id String, customer_id String, version UInt64, status LowCardinality(String), currency LowCardinality(String),
    stake_minor Int64, returned_minor Int64,
    legs Array(Tuple(leg_id String, version UInt64, status LowCardinality(String), result Tuple(
        selection_id LowCardinality(String), win Int8, void_numerator UInt32, void_denominator UInt32, dead_heat_numerator UInt32,
        dead_heat_denominator UInt32, deduction UInt8, known_at Nullable(DateTime64(6, 'UTC'))
    ), code LowCardinality(String)))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, bet_id, version, _partition, _offset);

CREATE TABLE markets (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), market_type LowCardinality(String),
    period LowCardinality(String), line_milli Nullable(Int32),
    selections Array(Tuple(selection_id LowCardinality(String), name LowCardinality(String)))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, _partition, _offset);

ALTER TABLE accounts ADD COLUMN IF NOT EXISTS owed_minor Int64;
