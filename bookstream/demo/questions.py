"""Three questions that an analyst would ask of the match first, by the views of sinks/clickhouse/migrations."""

PRICE = """
SELECT toStartOfInterval(minute, INTERVAL 10 MINUTE) AS ten_minutes, argMin(open, minute) AS open, max(high) AS high,
       min(low) AS low, argMax(close, minute) AS close, sum(quotes) AS quotes
FROM price_ohlc WHERE market_id LIKE '%/MATCH_ODDS/%' AND selection_id = 'home'
GROUP BY ten_minutes ORDER BY ten_minutes
"""

ACCEPTANCE = """
SELECT outcome, reason, sum(bets) AS bets, round(sum(stake_taken), 2) AS stake_taken
FROM bet_acceptance GROUP BY outcome, reason ORDER BY bets DESC
"""

CLOSING_LINE = """
SELECT if(in_play, 'in play', 'before the off') AS struck, count() AS bets,
       round(avg(closing_line_value), 4) AS mean, round(quantile(0.9)(closing_line_value), 4) AS best_tenth
FROM closing_line_value GROUP BY struck ORDER BY struck
"""

QUESTIONS = (
    ("How the favourite's price moved, every ten minutes", PRICE),
    ("What became of the bets, and why", ACCEPTANCE),
    ("Who had the better of the closing line", CLOSING_LINE),
)
