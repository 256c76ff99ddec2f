"""What customers do: bet, pay in and out, ask again, and send what nobody should."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from bookstream.simulation.scene import CUSTOMERS, SECOND, SIGNER, TOKENS, Scene
from bookstream.topics import ACCOUNTS, BET_REQUESTS, TRANSFERS, Topic
from domain.events.betting import Account, BetRequest, SlipLeg, WalletTransfer
from domain.events.trading import Quote

STAKES = (5, 100, 333, 500, 1000, 1000, 2500, 4_999)
AMOUNTS = (3, 500, 1000, 2000, 5000, 20_000)


class Customers:
    """All customers. Each act draws what it needs from the random numbers given, and says what it was.

    Args:
        scene: where they act.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._sent: list[tuple[Topic, BetRequest | WalletTransfer]] = []
        self._lost: list[tuple[Topic, BetRequest | WalletTransfer]] = []

    def fund(self, random: Random) -> str:
        """Let everybody pay in."""
        return "; ".join(self._transfer(random, 10 * random.choice(AMOUNTS[1:]), customer=each) for each in CUSTOMERS)

    def deposit(self, random: Random) -> str:
        """Pay in."""
        return self._transfer(random, random.choice(AMOUNTS))

    def withdraw(self, random: Random) -> str:
        """Pay out: everything, or maybe more than there is."""
        shown = {each.customer_id: each for each in self._scene.latest(ACCOUNTS, Account)}
        customer = random.choice(CUSTOMERS)
        account = shown.get(customer)
        free = account.balance_minor - account.reserved_minor if account is not None else 0
        amount = free if free and random.random() < 0.4 else random.choice((*AMOUNTS, 1, 100_000))
        return self._transfer(random, -amount, customer=customer)

    def bet(self, random: Random) -> str:
        """Bet on what is shown, on one match or on several."""
        quotes = [quote for quote in self._scene.quotes() if any(each.odds for each in quote.selections)]
        if not quotes:
            return "no bet: nothing is shown"
        random.shuffle(quotes)
        legs = tuple(self._leg(random, quote) for quote in quotes[: random.choice((1, 1, 1, 2, 2, 3))])
        self._scene.bet_on += [leg.market_id for leg in legs]
        return self._give(random, BET_REQUESTS, self._request(random, random.choice(CUSTOMERS), legs))

    def repeat(self, random: Random) -> str:
        """Send again what was sent before, or what was lost."""
        if self._lost and random.random() < 0.5:
            topic, command = self._lost.pop(random.randrange(len(self._lost)))
        elif self._sent:
            topic, command = random.choice(self._sent)
        else:
            return "nothing to repeat"
        later = msgspec.structs.replace(command, received_at=self._scene.skewed(random))
        self._say(topic, later)
        return f"repeat {_named(later)}"

    def reuse(self, random: Random) -> str:
        """Use an id again for something else."""
        if not self._sent:
            return "nothing to reuse"
        topic, command = random.choice(self._sent)
        if isinstance(command, BetRequest):
            command = msgspec.structs.replace(command, stake_minor=command.stake_minor + 1)
        else:
            command = msgspec.structs.replace(command, amount_minor=command.amount_minor + 1)
        self._say(topic, command)
        return f"reuse {_named(command)}"

    def nonsense(self, random: Random) -> str:
        """Send what is no command, or what nobody may have."""
        kinds: tuple[Callable[[Random], str], ...] = (
            self._garbage, self._stranger, self._forged, self._overdrawn, self._foreign, self._misplaced
        )  # fmt: skip
        return random.choice(kinds)(random)

    def flush(self) -> None:
        """Send at last all that was lost."""
        for topic, command in self._lost:
            self._say(topic, command)
        self._lost.clear()

    def _garbage(self, random: Random) -> str:
        topic, key = random.choice((BET_REQUESTS, TRANSFERS)), random.choice(CUSTOMERS)
        self._scene.broker.send(topic.name, key.encode(), random.randbytes(random.randrange(9)))
        return f"garbage on {topic.name}"

    def _stranger(self, random: Random) -> str:
        return self._give(random, BET_REQUESTS, self._any_request(random, "nobody"))

    def _forged(self, random: Random) -> str:
        whose = random.choice(CUSTOMERS)
        token = random.choice(("", "no token", *TOKENS.values()))
        token = token if token != TOKENS[whose] else SIGNER.mint(whose, issued_at=0, expires_at=SECOND)
        return self._give(random, BET_REQUESTS, self._any_request(random, whose, token=token))

    def _overdrawn(self, random: Random) -> str:
        stake = random.choice((0, -5, -(2**62), 2**62, 10**15))
        if random.random() < 0.5:
            return self._transfer(random, stake)
        return self._give(random, BET_REQUESTS, self._any_request(random, random.choice(CUSTOMERS), stake_minor=stake))

    def _foreign(self, random: Random) -> str:
        if random.random() < 0.5:
            return self._transfer(random, random.choice((500, -500)), currency="EUR")
        return self._give(random, BET_REQUESTS, self._any_request(random, random.choice(CUSTOMERS), currency="EUR"))

    def _misplaced(self, random: Random) -> str:
        mine, yours = random.sample(CUSTOMERS, 2)
        request = self._any_request(random, mine)
        self._scene.send(BET_REQUESTS, request, key=yours)
        return f"misplaced {_named(request)}"

    def _leg(self, random: Random, quote: Quote) -> SlipLeg:
        offered = [each for each in quote.selections if each.odds]
        chosen = random.choice(offered)
        assert chosen.odds is not None, "offered"
        better = random.choice((0, 0, 0, 0, 0, 10, -10))
        return SlipLeg(
            fixture_id=quote.fixture_id, market_id=quote.market_id, selection_id=chosen.selection_id,
            odds=max(1001, chosen.odds + better), quote_version=quote.version,
        )  # fmt: skip

    def _any_request(self, random: Random, customer: str, **changes: Any) -> BetRequest:  # noqa: ANN401
        quotes = self._scene.quotes()
        leg = SlipLeg(fixture_id="fx-none", market_id="fx-none/MATCH_ODDS/FT", selection_id="home", odds=2000,
                      quote_version=1)  # fmt: skip
        shown = [quote for quote in quotes if any(each.odds for each in quote.selections)]
        if shown and random.random() < 0.7:
            leg = self._leg(random, random.choice(shown))
        return self._request(random, customer, (leg,), **changes)

    def _request(
        self, random: Random, customer: str, legs: tuple[SlipLeg, ...], **changes: Any  # noqa: ANN401
    ) -> BetRequest:  # fmt: skip
        bet_id, at = f"b{self._scene.number()}", self._scene.skewed(random)
        given: dict[str, Any] = {
            "event_id": f"{customer}-{bet_id}", "occurred_at": at, "received_at": at, "provider": "web",
            "bet_id": bet_id, "customer_id": customer, "token": TOKENS.get(customer, ""), "currency": "GBP",
            "stake_minor": random.choice(STAKES), "price_policy": random.choice(("exact", "better", "any")),
            "accept_partial": random.random() < 0.5, "legs": legs, **changes,
        }  # fmt: skip
        return BetRequest(**given)

    def _transfer(self, random: Random, amount_minor: int, *, currency: str = "GBP", customer: str = "") -> str:
        customer, at = customer or random.choice(CUSTOMERS), self._scene.skewed(random)
        transfer_id = f"t{self._scene.number()}"
        return self._give(random, TRANSFERS, WalletTransfer(
            event_id=f"{customer}-{transfer_id}", occurred_at=at, received_at=at, provider="cashier",
            transfer_id=transfer_id, customer_id=customer, currency=currency, amount_minor=amount_minor,
            reason="simulated",
        ))  # fmt: skip

    def _give(self, random: Random, topic: Topic, command: BetRequest | WalletTransfer) -> str:
        """Send a command: once, twice, or so that it is lost until it is repeated."""
        fate = random.random()
        if fate < 0.06:
            self._lost.append((topic, command))
            return f"lost {_named(command)}"
        self._say(topic, command)
        self._sent.append((topic, command))
        if fate < 0.12:
            self._say(topic, command)
            return f"twice {_named(command)}"
        return _named(command)

    def _say(self, topic: Topic, command: BetRequest | WalletTransfer) -> None:
        self._scene.send(topic, command)


def _named(command: BetRequest | WalletTransfer) -> str:
    if isinstance(command, WalletTransfer):
        return f"{command.customer_id} transfers {command.amount_minor} ({command.transfer_id})"
    legs = ", ".join(f"{leg.market_id}={leg.selection_id}@{leg.odds}" for leg in command.legs)
    return f"{command.customer_id} bets {command.stake_minor} ({command.bet_id}) on {legs}"
