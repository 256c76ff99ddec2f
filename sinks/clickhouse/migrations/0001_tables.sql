-- One table for each topic, its columns the fields of the topic's record.
--
-- Every table carries where its row came from: _partition, _offset and the broker's _timestamp. The sort key begins
-- with what analysts filter by and ends with (_partition, _offset): should a paused sink that lost its partitions still
-- write, its rows are the same rows, and ReplacingMergeTree keeps one. No table is partitioned: one INSERT must be one
-- part, because the greatest offset of a partition is what a restarted sink goes on from.

CREATE TABLE raw_messages (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), endpoint LowCardinality(String), stream_id LowCardinality(String),
    stream_sequence UInt64 CODEC(DoubleDelta, ZSTD(1)), content_hash String CODEC(ZSTD(1)), content_type LowCardinality(String),
    recorded Bool, payload String CODEC(ZSTD(6))
) ENGINE = ReplacingMergeTree ORDER BY (provider, stream_id, stream_sequence, _partition, _offset);

CREATE TABLE feed_status (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    stream_id LowCardinality(String), state LowCardinality(String), reason LowCardinality(String), detail String
) ENGINE = ReplacingMergeTree ORDER BY (provider, stream_id, occurred_at, _partition, _offset);

CREATE TABLE clock_ticks (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64)
) ENGINE = ReplacingMergeTree ORDER BY (_partition, occurred_at, _offset);

CREATE TABLE fixtures (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), sport LowCardinality(String), competition_id LowCardinality(String),
    competition LowCardinality(String), name String, home_id Nullable(String), away_id Nullable(String),
    home Nullable(String), away Nullable(String), kick_off_at DateTime64(6, 'UTC'), status LowCardinality(String),
    provider_fixture_id String, confidence Float64
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, occurred_at, _partition, _offset);

CREATE TABLE participants (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    participant_id LowCardinality(String), kind LowCardinality(String), sport LowCardinality(String), name String,
    aliases Array(String), provider_participant_id String
) ENGINE = ReplacingMergeTree ORDER BY (participant_id, _partition, _offset);

CREATE TABLE odds (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), market_type LowCardinality(String),
    period LowCardinality(String), line_milli Nullable(Int32), bookmaker LowCardinality(String),
    status LowCardinality(String), in_play Bool, bet_delay_s UInt16, late Bool,
    selections Array(Tuple(
        selection_id LowCardinality(String), name LowCardinality(String), status LowCardinality(String),
        back_odds Nullable(UInt32), back_size_minor Nullable(Int64), lay_odds Nullable(UInt32),
        lay_size_minor Nullable(Int64), last_traded_odds Nullable(UInt32), traded_minor Nullable(Int64)
    )) CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, bookmaker, occurred_at, _partition, _offset);

CREATE TABLE incidents (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), kind LowCardinality(String), minute Nullable(Int32), side Nullable(String),
    market_id Nullable(String), selection_id Nullable(String), participant_id Nullable(String),
    home_score Nullable(Int32), away_score Nullable(Int32), late Bool
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, occurred_at, _partition, _offset);

CREATE TABLE statistics (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), name LowCardinality(String), value Float64 CODEC(Gorilla, ZSTD(1)),
    market_id Nullable(String), late Bool
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, name, occurred_at, _partition, _offset);

CREATE TABLE identity_reviews (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    sport LowCardinality(String), provider_fixture_id String, provider_name String, kick_off_at DateTime64(6, 'UTC'),
    candidate_id Nullable(String), candidate_name Nullable(String), score Float64, reason LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (provider, provider_fixture_id, _partition, _offset);

CREATE TABLE trading_controls (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    scope LowCardinality(String), scope_id String, action LowCardinality(String), reason String, actor LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (scope, scope_id, occurred_at, _partition, _offset);

CREATE TABLE quotes (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), market_type LowCardinality(String),
    period LowCardinality(String), line_milli Nullable(Int32), version UInt64, status LowCardinality(String),
    reason LowCardinality(String), in_play Bool, bet_delay_s UInt16, currency LowCardinality(String),
    overround Float64 CODEC(Gorilla, ZSTD(1)), expires_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    selections Array(Tuple(
        selection_id LowCardinality(String), name LowCardinality(String), odds Nullable(UInt32),
        fair_probability Float64, max_stake_minor Int64
    )) CODEC(ZSTD(3)),
    inputs Array(Tuple(bookmaker LowCardinality(String), event_id String, weight Float64, age_ms Int64)) CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, version, _partition, _offset);

CREATE TABLE exposures (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    fixture_id LowCardinality(String), market_id LowCardinality(String), version UInt64, currency LowCardinality(String),
    bets UInt32, stakes_minor Int64, held_minor Int64, worst_case_minor Int64,
    outcomes Array(Tuple(selection_id LowCardinality(String), liability_minor Int64))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, version, _partition, _offset);

-- The customer's token is a credential: it has no column.
CREATE TABLE bet_requests (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    bet_id String, customer_id String, currency LowCardinality(String), stake_minor Int64,
    price_policy LowCardinality(String), accept_partial Bool,
    legs Array(Tuple(
        fixture_id LowCardinality(String), market_id LowCardinality(String), selection_id LowCardinality(String),
        odds UInt32, quote_version UInt64
    ))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, bet_id, _partition, _offset);

CREATE TABLE bet_legs (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    leg_id String, bet_id String, customer_id String, action LowCardinality(String), fixture_id LowCardinality(String),
    market_id LowCardinality(String), selection_id LowCardinality(String), odds UInt32, quote_version UInt64,
    price_policy LowCardinality(String), currency LowCardinality(String), stake_minor Int64, other_odds UInt64
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, bet_id, leg_id, action, _partition, _offset);

CREATE TABLE leg_verdicts (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    leg_id String, bet_id String, customer_id String, fixture_id LowCardinality(String), market_id LowCardinality(String),
    selection_id LowCardinality(String), outcome LowCardinality(String), code LowCardinality(String), odds UInt32,
    quote_version UInt64, stake_minor Int64, liability_before_minor Int64, liability_after_minor Int64,
    checks Array(Tuple(check LowCardinality(String), outcome LowCardinality(String), code LowCardinality(String),
        figures Map(LowCardinality(String), Int64)))
) ENGINE = ReplacingMergeTree ORDER BY (fixture_id, market_id, bet_id, leg_id, _partition, _offset);

CREATE TABLE bet_decisions (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    bet_id String, customer_id String, outcome LowCardinality(String), code LowCardinality(String),
    currency LowCardinality(String), stake_asked_minor Int64, stake_minor Int64, odds UInt64, payout_minor Int64,
    requested_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    legs Array(Tuple(
        leg_id String, fixture_id LowCardinality(String), market_id LowCardinality(String),
        selection_id LowCardinality(String), odds_asked UInt32, odds UInt32, quote_version UInt64,
        outcome LowCardinality(String), code LowCardinality(String), liability_before_minor Int64,
        liability_after_minor Int64
    )),
    checks Array(Tuple(check LowCardinality(String), outcome LowCardinality(String), code LowCardinality(String),
        figures Map(LowCardinality(String), Int64)))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, bet_id, _partition, _offset);

CREATE TABLE wallet_transfers (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    transfer_id String, customer_id String, currency LowCardinality(String), amount_minor Int64, reason String
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, transfer_id, _partition, _offset);

CREATE TABLE accounts (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    customer_id String, version UInt64, currency LowCardinality(String), balance_minor Int64, reserved_minor Int64,
    open_stakes_minor Int64
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, version, _partition, _offset);

CREATE TABLE ledger_entries (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    entry_id String, customer_id String, kind LowCardinality(String), reference String, currency LowCardinality(String),
    postings Array(Tuple(ledger_account String, amount_minor Int64))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, entry_id, _partition, _offset);

CREATE TABLE dead_letters (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    key String, value String CODEC(ZSTD(3)), headers Map(LowCardinality(String), String)
) ENGINE = ReplacingMergeTree ORDER BY (_timestamp, _partition, _offset);

-- What was on a typed topic but is not what its contract says: kept with its bytes and the reason.
CREATE TABLE undecodable (
    _topic LowCardinality(String), _partition UInt16, _offset UInt64, _timestamp DateTime64(3, 'UTC'),
    key String, value String CODEC(ZSTD(3)), reason String
) ENGINE = ReplacingMergeTree ORDER BY (_topic, _partition, _offset);
