"""football-data.co.uk: results, match statistics, opening and closing odds of a season, one CSV file a division."""
