"""tennis-data.co.uk: results and closing odds of a year of one tour, as one table."""
