-- Cash-outs: what was asked, what was answered, and what of a bet they are.
-- The customer's token is a credential: it has no column.

CREATE TABLE cash_out_requests (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    request_id String, customer_id String, bet_id String, action LowCardinality(String), part_minor Int64, quote_id String
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, bet_id, request_id, _partition, _offset);

CREATE TABLE cash_out_answers (
    _partition UInt16, _offset UInt64 CODEC(DoubleDelta, ZSTD(1)), _timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)), occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), provider LowCardinality(String),
    provider_sequence Nullable(String), source Tuple(topic LowCardinality(String), partition Int32, offset Int64),
    request_id String, customer_id String, bet_id String, action LowCardinality(String), outcome LowCardinality(String),
    code LowCardinality(String), quote_id String, part_minor Int64, amount_minor Int64,
    expires_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)), bet_version UInt64,
    legs Array(Tuple(leg_id String, odds_now UInt32, code LowCardinality(String), result Tuple(
        selection_id LowCardinality(String), win Int8, void_numerator UInt32, void_denominator UInt32, dead_heat_numerator UInt32,
        dead_heat_denominator UInt32, deduction UInt8, known_at Nullable(DateTime64(6, 'UTC'))
    )))
) ENGINE = ReplacingMergeTree ORDER BY (customer_id, bet_id, request_id, _partition, _offset);

ALTER TABLE bet_settlements ADD COLUMN IF NOT EXISTS cashed_out_minor Int64;

-- Every bet that was accepted, as it stands now. gone_minor of its stake has left the open stakes: all of it when it is
-- settled, what was cashed out before that.
CREATE OR REPLACE VIEW bets_taken AS
SELECT d.customer_id AS customer_id, d.bet_id AS bet_id, d.currency AS currency, d.occurred_at AS accepted_at,
       d.stake_minor AS stake_minor, d.payout_minor AS payout_minor, d.odds AS odds, d.legs AS legs,
       s.version AS version, if(version = 0, 'OPEN', s.last_status) AS status,
       status IN ('PROVISIONAL', 'CONFIRMED') AS settled, s.returned AS returned_minor,
       s.cashed_out AS cashed_out_minor, if(settled, stake_minor, cashed_out_minor) AS gone_minor,
       returned_minor - gone_minor AS profit_minor, if(version = 0, NULL, s.changed_at) AS changed_at
FROM (
    SELECT * FROM (SELECT * FROM bet_decisions FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id)
    WHERE outcome IN ('ACCEPTED', 'PARTIAL')
) AS d LEFT JOIN (
    SELECT customer_id, bet_id, max(b.version) AS version, argMax(b.status, b.version) AS last_status,
           argMax(b.returned_minor, b.version) AS returned, argMax(b.cashed_out_minor, b.version) AS cashed_out,
           argMax(b.occurred_at, b.version) AS changed_at
    FROM bet_settlements AS b FINAL GROUP BY customer_id, bet_id
) AS s ON s.customer_id = d.customer_id AND s.bet_id = d.bet_id;

-- Of a bet that was cashed out in part, what is left; it may return its share of what the whole could.
CREATE OR REPLACE VIEW open_bets AS
SELECT customer_id, bet_id, currency, accepted_at, status, length(legs) AS leg_count, legs.market_id AS markets,
       legs.selection_id AS selections, toDecimal64(stake_minor - gone_minor, 2) / 100 AS stake,
       toDecimal64(odds, 3) / 1000 AS price,
       toDecimal64(toInt64(intDiv(toInt256(payout_minor) * (stake_minor - gone_minor), stake_minor)), 2) / 100 AS may_return
FROM bets_taken WHERE NOT settled;

CREATE OR REPLACE VIEW customer_profit AS
SELECT customer_id, currency, count() AS bets, countIf(settled) AS bets_settled,
       toDecimal64(sum(stake_minor - gone_minor), 2) / 100 AS stakes_open,
       toDecimal64(sum(gone_minor), 2) / 100 AS stakes_settled,
       toDecimal64(sum(returned_minor), 2) / 100 AS returned, toDecimal64(sum(profit_minor), 2) / 100 AS profit
FROM bets_taken GROUP BY customer_id, currency;

-- What each change of a bet's settlement moved: its stake to the settled ones (or back), and its return. What is cashed
-- out is settled. Over the changes of a bet they sum to what holds of it now, so that each belongs to the day on which
-- it was made.
CREATE OR REPLACE VIEW settlement_moves AS
SELECT customer_id, bet_id, version, status, currency, at, lies - lagInFrame(lies, 1, 0) OVER w AS stake_minor,
       returned_minor - lagInFrame(returned_minor, 1, 0) OVER w AS returned_minor
FROM (
    SELECT customer_id, bet_id, version, status, currency, occurred_at AS at, returned_minor,
           if(status IN ('PROVISIONAL', 'CONFIRMED'), stake_minor, cashed_out_minor) AS lies
    FROM bet_settlements FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id, version
)
WINDOW w AS (PARTITION BY customer_id, bet_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
