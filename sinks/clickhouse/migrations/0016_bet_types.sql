-- Which lines the legs of a bet make, and what of a system rides on each of its legs.

ALTER TABLE bet_requests ADD COLUMN IF NOT EXISTS folds Array(Int64);
ALTER TABLE bet_requests ADD COLUMN IF NOT EXISTS bankers Array(Int64);
ALTER TABLE bet_requests ADD COLUMN IF NOT EXISTS each_way Bool;
ALTER TABLE bet_requests ADD COLUMN IF NOT EXISTS free Bool;
ALTER TABLE bet_decisions ADD COLUMN IF NOT EXISTS folds Array(Int64);
ALTER TABLE bet_decisions ADD COLUMN IF NOT EXISTS bankers Array(Int64);
ALTER TABLE bet_decisions ADD COLUMN IF NOT EXISTS free Bool;

-- What open bets may still cost, by selection, as the book's exposure counts it: of each leg that is not settled the
-- stake of the lines that it is in, and what these return with the covering odds of their other legs. house_result is
-- what the house makes of the market if the selection wins.
CREATE OR REPLACE VIEW open_liability AS
SELECT fixture_id, f.name AS fixture, f.sport AS sport, market_id, splitByChar('/', market_id)[2] AS market_type, selection_id,
       currency, bets, toDecimal64(stake, 2) / 100 AS stakes, toDecimal64(payout, 2) / 100 AS payouts,
       toDecimal64(sum(stake) OVER (PARTITION BY market_id, currency) - payout, 2) / 100 AS house_result
FROM (
    SELECT leg.fixture_id AS fixture_id, leg.market_id AS market_id, leg.selection_id AS selection_id,
           leg.currency AS currency, count() AS bets, sum(leg.stake_minor) AS stake,
           sum(toInt64(intDiv(toInt256(leg.stake_minor) * leg.odds * leg.other_odds, 1000000))) AS payout
    FROM (SELECT * FROM bet_legs FINAL WHERE action = 'CONFIRM' ORDER BY _offset LIMIT 1 BY leg_id) AS leg
    INNER JOIN (SELECT customer_id, bet_id FROM bets_taken WHERE NOT settled) AS b
        ON b.customer_id = leg.customer_id AND b.bet_id = leg.bet_id
    WHERE leg.leg_id NOT IN (
        SELECT leg_id FROM leg_settlements FINAL GROUP BY leg_id
        HAVING argMax(status, version) IN ('PROVISIONAL', 'CONFIRMED')
    )
    GROUP BY fixture_id, market_id, selection_id, currency
) AS l LEFT JOIN fixtures_now AS f ON f.fixture_id = l.fixture_id;
