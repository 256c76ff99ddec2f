"""Possession as Opta states it: a side's share of all passes (Opta's definitions, "possession")."""


def possession_percent(passes: int, passes_of_other: int) -> float | None:
    """Return a side's share of the passes in percent; None where there were none."""
    total = passes + passes_of_other
    return None if total <= 0 else round(100 * passes / total, 1)
