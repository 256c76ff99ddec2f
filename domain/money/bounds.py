"""How much money there may be in one place."""

from typing import Final

MOST_MINOR: Final = 10**15
"""No account holds and no transfer moves more than this many minor units: sums stay far inside 64 bits."""
