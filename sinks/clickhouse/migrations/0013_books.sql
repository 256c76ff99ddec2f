-- The customers' statements and the house's books. Columns that end in _minor are in minor units, others in the
-- currency's major unit; all are exact. What comes again in a topic is counted once.

-- One row for each posting: what an entry adds to one account of the ledger.
CREATE VIEW ledger_lines AS
SELECT customer_id, entry_id, kind, reference, currency, occurred_at AS at, p.ledger_account AS ledger_account,
       multiIf(ledger_account = 'house:bank', 'CLEARING', ledger_account = 'house:profit', 'PROFIT',
               ledger_account = 'house:fees', 'FEES', ledger_account = 'house:tax', 'TAX',
               match(ledger_account, '^house:stakes:.'), 'OPEN_STAKES',
               match(ledger_account, '^house:.*-reserved(:|$)|^customer:.+[:-]reserved$'), 'HELD',
               match(ledger_account, '^customer:.+:cash$'), 'CASH', match(ledger_account, '^customer:.+:bonus$'), 'BONUS',
               match(ledger_account, '^customer:.+:(bonus-)?owed$'), 'OWED', 'UNKNOWN') AS account_class,
       startsWith(ledger_account, 'customer:') AS is_customers, p.amount_minor AS amount_minor
FROM (SELECT * FROM ledger_entries FINAL ORDER BY _offset LIMIT 1 BY customer_id, entry_id) ARRAY JOIN postings AS p;

-- The books by account, at any instant: sum amount_minor of what is before it. Customers' accounts are summed by class.
CREATE VIEW house_lines AS
SELECT multiIf(is_customers, concat('customers:', lower(account_class)), account_class = 'OPEN_STAKES', 'house:stakes',
               ledger_account) AS account, account_class, currency, at, amount_minor
FROM ledger_lines;

CREATE VIEW house_books AS
SELECT account, account_class, currency, toDecimal64(sum(amount_minor), 2) / 100 AS balance, max(at) AS changed_at
FROM house_lines GROUP BY account, account_class, currency;

-- The same as it stood: SELECT * FROM house_books_at(until = '2026-11-01 00:00:00')
CREATE VIEW house_books_at AS
SELECT account, account_class, currency, toDecimal64(sum(amount_minor), 2) / 100 AS balance, max(at) AS changed_at
FROM house_lines WHERE at < {until:DateTime64(6, 'UTC')} GROUP BY account, account_class, currency;

-- A customer's account, entry by entry in the order in which they were written: what is the customer's (free and held
-- money less debts), and where it lies.
CREATE VIEW customer_statement AS
SELECT customer_id, at, kind, reference, currency, entry_id, toDecimal64(own, 2) / 100 AS amount,
       toDecimal64(sum(own) OVER w, 2) / 100 AS balance, toDecimal64(sum(held) OVER w, 2) / 100 AS reserved,
       toDecimal64(-sum(debt) OVER w, 2) / 100 AS owed, toDecimal64(sum(stakes) OVER w, 2) / 100 AS open_stakes,
       row_number() OVER w AS number
FROM (
    SELECT customer_id, occurred_at AS at, kind, reference, currency, entry_id, _partition, _offset,
           arraySum(p -> if(startsWith(p.ledger_account, 'customer:'), p.amount_minor, 0), postings) AS own,
           arraySum(p -> if(match(p.ledger_account, '^customer:.+[:-]reserved$'), p.amount_minor, 0), postings) AS held,
           arraySum(p -> if(match(p.ledger_account, '^customer:.+:(bonus-)?owed$'), p.amount_minor, 0), postings) AS debt,
           arraySum(p -> if(startsWith(p.ledger_account, 'house:stakes:'), p.amount_minor, 0), postings) AS stakes
    FROM ledger_entries FINAL ORDER BY _offset LIMIT 1 BY customer_id, entry_id
)
WINDOW w AS (PARTITION BY customer_id ORDER BY _partition, _offset ROWS UNBOUNDED PRECEDING);

-- Every bet that was accepted, as it stands now.
CREATE VIEW bets_taken AS
SELECT d.customer_id AS customer_id, d.bet_id AS bet_id, d.currency AS currency, d.occurred_at AS accepted_at,
       d.stake_minor AS stake_minor, d.payout_minor AS payout_minor, d.odds AS odds, d.legs AS legs,
       s.version AS version, if(version = 0, 'OPEN', s.last_status) AS status,
       status IN ('PROVISIONAL', 'CONFIRMED') AS settled, s.returned AS returned_minor,
       if(settled, returned_minor - stake_minor, 0) AS profit_minor, if(version = 0, NULL, s.changed_at) AS changed_at
FROM (
    SELECT * FROM (SELECT * FROM bet_decisions FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id)
    WHERE outcome IN ('ACCEPTED', 'PARTIAL')
) AS d LEFT JOIN (
    SELECT customer_id, bet_id, max(b.version) AS version, argMax(b.status, b.version) AS last_status,
           argMax(b.returned_minor, b.version) AS returned, argMax(b.occurred_at, b.version) AS changed_at
    FROM bet_settlements AS b FINAL GROUP BY customer_id, bet_id
) AS s ON s.customer_id = d.customer_id AND s.bet_id = d.bet_id;

CREATE VIEW open_bets AS
SELECT customer_id, bet_id, currency, accepted_at, status, length(legs) AS leg_count, legs.market_id AS markets,
       legs.selection_id AS selections, toDecimal64(stake_minor, 2) / 100 AS stake, toDecimal64(odds, 3) / 1000 AS price,
       toDecimal64(payout_minor, 2) / 100 AS may_return
FROM bets_taken WHERE NOT settled;

-- What a settled bet returned, its stake included, and what the customer made of it.
CREATE VIEW settled_bets AS
SELECT customer_id, bet_id, currency, accepted_at, changed_at AS settled_at, status, length(legs) AS leg_count,
       legs.market_id AS markets, legs.selection_id AS selections, toDecimal64(stake_minor, 2) / 100 AS stake,
       toDecimal64(odds, 3) / 1000 AS price, toDecimal64(returned_minor, 2) / 100 AS returned,
       toDecimal64(profit_minor, 2) / 100 AS profit
FROM bets_taken WHERE settled;

CREATE VIEW customer_profit AS
SELECT customer_id, currency, count() AS bets, countIf(settled) AS bets_settled,
       toDecimal64(sumIf(stake_minor, NOT settled), 2) / 100 AS stakes_open,
       toDecimal64(sumIf(stake_minor, settled), 2) / 100 AS stakes_settled,
       toDecimal64(sum(returned_minor), 2) / 100 AS returned, toDecimal64(sum(profit_minor), 2) / 100 AS profit
FROM bets_taken GROUP BY customer_id, currency;

-- What each change of a bet's settlement moved: its stake to the settled ones (or back), and its return. Over the
-- changes of a bet they sum to what holds of it now, so that each belongs to the day on which it was made.
CREATE VIEW settlement_moves AS
SELECT customer_id, bet_id, version, status, currency, at, lies - lagInFrame(lies, 1, 0) OVER w AS stake_minor,
       returned_minor - lagInFrame(returned_minor, 1, 0) OVER w AS returned_minor
FROM (
    SELECT customer_id, bet_id, version, status, currency, occurred_at AS at, returned_minor,
           if(status IN ('PROVISIONAL', 'CONFIRMED'), stake_minor, 0) AS lies
    FROM bet_settlements FINAL ORDER BY _offset LIMIT 1 BY customer_id, bet_id, version
)
WINDOW w AS (PARTITION BY customer_id, bet_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW fixtures_now AS
SELECT fixture_id, argMax(f.sport, f.occurred_at) AS sport, argMax(f.competition, f.occurred_at) AS competition,
       argMax(f.name, f.occurred_at) AS name, argMax(f.kick_off_at, f.occurred_at) AS kick_off_at
FROM fixtures AS f FINAL GROUP BY fixture_id;

-- What bets are on. Legs in several sports are MIXED, and several legs are a MULTIPLE of markets: a bet counts once.
CREATE VIEW bet_kinds AS
SELECT b.customer_id AS customer_id, b.bet_id AS bet_id, if(uniqExact(f.sport) = 1, any(f.sport), 'MIXED') AS only_sport,
       if(only_sport = '', 'UNKNOWN', only_sport) AS sport,
       if(count() = 1, any(splitByChar('/', b.market_id)[2]), 'MULTIPLE') AS market_type
FROM (SELECT customer_id, bet_id, leg.market_id AS market_id, leg.fixture_id AS fixture_id FROM bets_taken ARRAY JOIN legs AS leg) AS b
LEFT JOIN fixtures_now AS f ON f.fixture_id = b.fixture_id GROUP BY customer_id, bet_id;

-- What settled bets left to the house, by the day on which they were settled or corrected.
CREATE VIEW revenue_lines AS
SELECT toDate(m.at) AS day, k.sport AS sport, k.market_type AS market_type, m.customer_id AS customer_id, m.bet_id AS bet_id,
       m.currency AS currency, m.stake_minor AS stake_minor, m.returned_minor AS returned_minor
FROM settlement_moves AS m LEFT JOIN bet_kinds AS k ON k.customer_id = m.customer_id AND k.bet_id = m.bet_id
WHERE m.stake_minor != 0 OR m.returned_minor != 0;

-- Hold is the share of the stakes that the house kept, in per cent; nothing where no stakes were settled.
CREATE VIEW revenue_by_day AS
SELECT day, currency, uniqExact(customer_id, bet_id) AS bets, toDecimal64(sum(stake_minor), 2) / 100 AS stakes,
       toDecimal64(sum(returned_minor), 2) / 100 AS returns, stakes - returns AS gross_win,
       if(stakes = 0, NULL, round(100 * toFloat64(gross_win) / toFloat64(stakes), 2)) AS hold
FROM revenue_lines GROUP BY day, currency;

CREATE VIEW revenue_by_sport AS
SELECT day, sport, currency, uniqExact(customer_id, bet_id) AS bets, toDecimal64(sum(stake_minor), 2) / 100 AS stakes,
       toDecimal64(sum(returned_minor), 2) / 100 AS returns, stakes - returns AS gross_win,
       if(stakes = 0, NULL, round(100 * toFloat64(gross_win) / toFloat64(stakes), 2)) AS hold
FROM revenue_lines GROUP BY day, sport, currency;

CREATE VIEW revenue_by_market_type AS
SELECT day, sport, market_type, currency, uniqExact(customer_id, bet_id) AS bets,
       toDecimal64(sum(stake_minor), 2) / 100 AS stakes, toDecimal64(sum(returned_minor), 2) / 100 AS returns,
       stakes - returns AS gross_win,
       if(stakes = 0, NULL, round(100 * toFloat64(gross_win) / toFloat64(stakes), 2)) AS hold
FROM revenue_lines GROUP BY day, sport, market_type, currency;

CREATE VIEW revenue_by_customer AS
SELECT day, customer_id, currency, uniqExact(bet_id) AS bets, toDecimal64(sum(stake_minor), 2) / 100 AS stakes,
       toDecimal64(sum(returned_minor), 2) / 100 AS returns, stakes - returns AS gross_win,
       if(stakes = 0, NULL, round(100 * toFloat64(gross_win) / toFloat64(stakes), 2)) AS hold
FROM revenue_lines GROUP BY day, customer_id, currency;

-- What open bets may still cost, by selection. A multiple counts whole on each of its legs that is not settled, as it
-- does in the book's exposure. house_result is what the house makes of the market if the selection wins.
CREATE VIEW open_liability AS
SELECT fixture_id, f.name AS fixture, f.sport AS sport, market_id, splitByChar('/', market_id)[2] AS market_type, selection_id,
       currency, bets, toDecimal64(stake, 2) / 100 AS stakes, toDecimal64(payout, 2) / 100 AS payouts,
       toDecimal64(sum(stake) OVER (PARTITION BY market_id, currency) - payout, 2) / 100 AS house_result
FROM (
    SELECT leg.fixture_id AS fixture_id, leg.market_id AS market_id, leg.selection_id AS selection_id, currency,
           count() AS bets, sum(stake_minor) AS stake, sum(payout_minor) AS payout
    FROM (SELECT * FROM bets_taken WHERE NOT settled) ARRAY JOIN legs AS leg
    WHERE leg.leg_id NOT IN (
        SELECT leg_id FROM leg_settlements FINAL GROUP BY leg_id
        HAVING argMax(status, version) IN ('PROVISIONAL', 'CONFIRMED')
    )
    GROUP BY fixture_id, market_id, selection_id, currency
) AS l LEFT JOIN fixtures_now AS f ON f.fixture_id = l.fixture_id;

-- The most that a fixture may cost: the worst selection of each of its markets, or nothing where the house wins by all.
CREATE VIEW open_liability_by_fixture AS
SELECT fixture_id, any(fixture) AS fixture, any(sport) AS sport, currency, count() AS markets, sum(market_stakes) AS stakes,
       sum(least(worst, 0)) AS worst_case
FROM (
    SELECT fixture_id, any(fixture) AS fixture, any(sport) AS sport, market_id, currency, sum(stakes) AS market_stakes,
           min(house_result) AS worst
    FROM open_liability GROUP BY fixture_id, market_id, currency
) GROUP BY fixture_id, currency;
