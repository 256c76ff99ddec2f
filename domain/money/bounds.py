"""How much money there may be in one place."""

from typing import Final

MOST_MINOR: Final = 10**15
"""No transfer moves more than this many minor units, or leads an account above it: sums stay far inside 64 bits."""
MOST_HELD_MINOR: Final = 10**18
"""What a bet pays or gives back is owed to its customer and never refused, however full the account is."""
