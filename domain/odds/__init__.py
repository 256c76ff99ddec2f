"""The mathematics of odds: ladders, margins, consensus and quoting. Odds are int thousandths, probabilities floats."""
