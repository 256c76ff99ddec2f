"""What the Unified Odds Feed says here."""

URN = "sr:match:9000001"
SENT_MS = 1_700_000_000_000


def odds_change(n: int = 0, markets: str | None = None, *, status: str = "", **head: object) -> bytes:
    """Write the n-th odds change of an event; each has another price."""
    told = {"product": 1, "event_id": URN, "timestamp": SENT_MS + n * 100} | head
    attributes = " ".join(f'{name}="{value}"' for name, value in told.items())
    lines = market(1, home=2 + n / 100) if markets is None else markets
    return f"<odds_change {attributes}>{status}<odds>{lines}</odds></odds_change>".encode()


def market(market_id: int, *, home: float = 2.0, specifiers: str = "", status: int = 1) -> str:
    """Write a line of three outcomes."""
    return (
        f'<market id="{market_id}" specifiers="{specifiers}" status="{status}">'
        f'<outcome id="1" odds="{home}" probabilities="0.48" active="1"/><outcome id="2" odds="3.4" active="1"/>'
        '<outcome id="3" odds="3.9" probabilities="NaN" active="1"/></market>'
    )


def odds_changes(count: int = 12) -> list[bytes]:
    """Give odds changes of which each has another price."""
    return [odds_change(n) for n in range(count)]
