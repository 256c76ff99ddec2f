-- What analysts ask for first. Odds are shown as decimal odds, money in the currency's major unit.

-- Every price that the house showed, selection by selection.
CREATE VIEW price_history AS
SELECT fixture_id, market_id, market_type, line_milli / 1000 AS line, s.selection_id AS selection_id, s.name AS selection,
       occurred_at AS at, version, status, reason, in_play, toDecimal64(s.odds, 3) / 1000 AS price,
       s.fair_probability AS fair_probability, s.max_stake_minor / 100 AS max_stake, overround, event_id
FROM quotes FINAL ARRAY JOIN selections AS s;

-- Open, high, low and close of every selection's price by minute, while it was offered.
CREATE VIEW price_ohlc AS
SELECT fixture_id, market_id, selection_id, any(selection) AS selection, toStartOfMinute(at) AS minute,
       argMin(price, version) AS open, max(price) AS high, min(price) AS low, argMax(price, version) AS close,
       count() AS quotes
FROM price_history WHERE status = 'OPEN' AND price IS NOT NULL
GROUP BY fixture_id, market_id, selection_id, minute;

-- What each source charges: the sum of the inverse odds of a whole market, one row a tick.
CREATE VIEW overround_by_provider AS
SELECT fixture_id, market_id, market_type, provider, bookmaker, occurred_at AS at, in_play,
       arraySum(s -> 1000 / assumeNotNull(s.back_odds), arrayFilter(s -> s.status = 'ACTIVE', selections)) AS overround
FROM odds FINAL
WHERE status = 'OPEN' AND length(arrayFilter(s -> s.status = 'ACTIVE', selections)) > 1
  AND NOT arrayExists(s -> s.status = 'ACTIVE' AND coalesce(s.back_odds, 0) = 0, selections);

CREATE VIEW overround_by_market AS
SELECT fixture_id, market_id, market_type, bookmaker, count() AS ticks, min(overround) AS lowest,
       median(overround) AS median, max(overround) AS highest
FROM overround_by_provider GROUP BY fixture_id, market_id, market_type, bookmaker;

-- From a provider's message on its raw topic to the quote that it caused: milliseconds between the broker's timestamps.
-- A quote's id begins with the id of the message that caused it.
CREATE VIEW provider_to_quote AS
SELECT q.fixture_id AS fixture_id, q.market_id AS market_id, r.provider AS provider, q._timestamp AS at,
       dateDiff('millisecond', r._timestamp, q._timestamp) AS latency_ms, q.event_id AS quote_id, r.event_id AS raw_id
FROM (SELECT *, splitByChar('.', event_id)[1] AS cause_id FROM quotes FINAL) AS q
INNER JOIN (SELECT * FROM raw_messages FINAL) AS r ON r.event_id = q.cause_id;

CREATE VIEW bet_acceptance AS
SELECT toStartOfMinute(requested_at) AS minute, outcome, if(code = '', 'ok', code) AS reason, currency, count() AS bets,
       sum(stake_asked_minor) / 100 AS stake_asked, sum(stake_minor) / 100 AS stake_taken,
       avg(dateDiff('millisecond', requested_at, occurred_at)) AS decided_after_ms
FROM (SELECT * FROM bet_decisions FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id)
GROUP BY minute, outcome, reason, currency;

CREATE VIEW liability_over_time AS
SELECT fixture_id, market_id, occurred_at AS at, version, currency, bets, stakes_minor / 100 AS stakes,
       held_minor / 100 AS held, worst_case_minor / 100 AS worst_case,
       CAST(arrayMap(o -> (o.selection_id, o.liability_minor / 100), outcomes), 'Map(String, Float64)') AS by_outcome
FROM exposures FINAL;

-- Closing-line value: what a taken price was worth at the last fair probability before the off (for bets struck in play,
-- at the last one before the market closed). 0.02 means that the customer had two per cent the better of it.
CREATE VIEW closing_line_value AS
WITH taken AS (
    SELECT bet_id, customer_id, requested_at, stake_minor / 100 AS stake, length(legs) AS leg_count, leg.fixture_id AS fixture_id,
           leg.market_id AS market_id, leg.selection_id AS selection_id, leg.odds / 1000 AS price
    FROM (SELECT * FROM bet_decisions FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id) ARRAY JOIN legs AS leg
    WHERE outcome IN ('ACCEPTED', 'PARTIAL')
), kick_offs AS (
    SELECT fixture_id, argMax(kick_off_at, occurred_at) AS kick_off_at FROM fixtures FINAL GROUP BY fixture_id
), closing AS (
    SELECT p.market_id AS market_id, p.selection_id AS selection_id,
           argMaxIf(p.fair_probability, p.version, p.at < k.kick_off_at) AS before_off,
           argMax(p.fair_probability, p.version) AS at_end
    FROM price_history AS p INNER JOIN kick_offs AS k ON k.fixture_id = p.fixture_id
    WHERE p.status = 'OPEN' GROUP BY market_id, selection_id
)
SELECT t.bet_id AS bet_id, t.customer_id AS customer_id, t.requested_at AS requested_at, t.stake AS stake,
       t.leg_count AS leg_count, t.fixture_id AS fixture_id, t.market_id AS market_id, t.selection_id AS selection_id,
       t.price AS price, t.requested_at >= k.kick_off_at AS in_play,
       if(in_play, c.at_end, c.before_off) AS closing_probability, t.price * closing_probability - 1 AS closing_line_value
FROM taken AS t
INNER JOIN kick_offs AS k ON k.fixture_id = t.fixture_id
INNER JOIN closing AS c ON c.market_id = t.market_id AND c.selection_id = t.selection_id;
