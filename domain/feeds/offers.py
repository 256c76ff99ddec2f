"""A bookmaker's offer of a market: its prices by selection, and whether it says anything new."""

from hashlib import blake2b

import msgspec

from domain.events.canonical import SelectionOdds

ORDER = {word: index for index, word in enumerate(("home", "draw", "away", "over", "under", "yes", "no"))}


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One selection's odds in thousandths, as offered to back and, by an exchange, to lay."""

    name: str
    back_odds: int | None = None
    lay_odds: int | None = None

    def with_side(self, odds: int, *, is_lay: bool) -> "Price":
        """Return the same with one side set."""
        return msgspec.structs.replace(self, **({"lay_odds": odds} if is_lay else {"back_odds": odds}))


def selections_of(prices: dict[str, Price]) -> tuple[SelectionOdds, ...]:
    """Return the selections in the canonical order, whatever order they came in."""
    ordered = sorted(prices.items(), key=lambda item: (ORDER.get(item[0], len(ORDER)), item[0]))
    return tuple(
        SelectionOdds(selection_id=selection, name=price.name, back_odds=price.back_odds, lay_odds=price.lay_odds)
        for selection, price in ordered
    )


def content_of(selections: tuple[SelectionOdds, ...]) -> str:
    """Return a hash of an offer's content: equal offers have equal hashes."""
    return blake2b(msgspec.msgpack.encode(selections), digest_size=8).hexdigest()
