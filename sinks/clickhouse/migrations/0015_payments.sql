-- Payments: commands, what the provider was asked and said, how each stands, and what was refused.
-- The customer's token is a credential: it has no column.

CREATE TABLE payment_requests (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    payment_id String, customer_id String, kind LowCardinality(String), currency LowCardinality(String),
    amount_minor Int64
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, payment_id, _partition, _offset);

CREATE TABLE payment_asks (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    payment_id String, customer_id String, request_key String, verb LowCardinality(String), query Bool, of_key String,
    currency LowCardinality(String), amount_minor Int64
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, payment_id, request_key, _partition, _offset);

CREATE TABLE payment_answers (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    payment_id String, customer_id String, request_key String, outcome LowCardinality(String),
    channel LowCardinality(String), currency LowCardinality(String), amount_minor Int64, reason String, reference String
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, payment_id, request_key, _partition, _offset);

CREATE TABLE payments (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    payment_id String, customer_id String, version UInt64, kind LowCardinality(String), status LowCardinality(String),
    currency LowCardinality(String), amount_minor Int64, code LowCardinality(String), reason String,
    opened_at DateTime64(6, 'UTC'), unknown_since_at Nullable(DateTime64(6, 'UTC'))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, payment_id, version, _partition, _offset);

CREATE TABLE payment_refusals (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    payment_id String, customer_id String, refused LowCardinality(String), code LowCardinality(String),
    request_key String, currency LowCardinality(String), amount_minor Int64
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, occurred_at, _partition, _offset);
