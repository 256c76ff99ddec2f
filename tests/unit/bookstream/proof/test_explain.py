"""From a bet back to the provider's bytes, and nothing read more than once on the way."""

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest

from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Record
from bookstream.proof.explain import Explainer
from bookstream.proof.explanation import GONE, Explanation
from domain.errors import Misconfigured
from domain.events.betting import BetLeg
from domain.events.canonical import MarketOdds
from domain.events.feeds import RawMessage
from domain.events.trading import Quote
from tests.unit.bookstream.proof.story import Story


def explain(story: Story, wanted: str) -> Explanation:
    found = Explainer(story.reader).explain(wanted)
    assert found is not None
    return found


def kinds(explanation: Explanation) -> list[str]:
    """Follow the first cause of each link."""
    return [explanation.kind, *(kinds(explanation.causes[0]) if explanation.causes else [])]


def without(story: Story, *names: str) -> Callable[[str], Iterator[Record]]:
    return lambda topic: iter(()) if topic in names else story.reader(topic)


def test_a_bet_leads_to_the_bytes_that_priced_it(story: Story) -> None:
    bet = explain(story, "double")
    assert kinds(bet) == ["bet", "leg", "verdict", "quote", "tick", "provider's message"]
    assert bet.title == "ann/double ACCEPTED"
    assert [leg.title.split(":")[0] for leg in bet.causes] == ["ann/double/0", "ann/double/1"]
    assert bet.causes[0].figures["confirm"].startswith("1000 minor units, bets.legs/")
    assert len(bet.figures) == 6 + 3 + 2 * 4, "the account's checks, and the book's of both legs"
    ticks = bet.causes[0].causes[0].causes[0].causes
    assert [tick.figures["in the consensus"] for tick in ticks] == ["weight 0.900, 0 ms old", "weight 0.500, 0 ms old"]
    message = ticks[0].causes[0]
    assert "as received" in message.figures["bytes"]
    assert message.figures["endpoint"] == "https://odds.test/odds"
    assert message.figures["begins"].startswith('[{"id":"match0"')


def test_every_place_is_where_the_record_is(story: Story) -> None:
    bet = explain(story, "ann/double")
    assert bet.as_json()["place"] == bet.place
    tick = bet.causes[1].causes[0].causes[0].causes[0]
    topic, _, rest = tick.place.partition("/")
    partition, _, offset = rest.partition("@")
    record = story.log.topics[topic][int(partition)][int(offset)]
    assert decode(MarketOdds, record.value or b"").event_id == tick.figures["event"]


def test_each_topic_is_read_once_whatever_the_number_of_legs(story: Story) -> None:
    reads: Counter[str] = Counter()

    def counting(topic: str) -> Iterator[Record]:
        reads[topic] += 1
        return story.reader(topic)

    Explainer(counting).explain("double")
    expected = [
        "bets.decisions", "bets.settlements", "bets.legs", "bets.leg-verdicts", "quotes", "odds",
        *(raw.name for raw in topics.RAW),
    ]  # fmt: skip
    assert reads == Counter(expected)


def test_customers_with_one_bet_id_are_told_apart_by_name(story: Story) -> None:
    assert explain(story, "ben/single").figures["customer"] == "ben"
    assert explain(story, "ann/single").figures["customer"] == "ann"
    with pytest.raises(Misconfigured, match="ann/single or ben/single"):
        explain(story, "single")


def test_a_leg_is_explained_alone(story: Story) -> None:
    assert [leg.title.split(":")[0] for leg in explain(story, "ann/double/1").causes] == ["ann/double/1"]


def test_a_bet_that_the_account_refused_has_its_checks_and_no_legs(story: Story) -> None:
    poor = explain(story, "poor")
    assert poor.title == "cat/poor REJECTED INSUFFICIENT_BALANCE"
    assert poor.figures["check 2: balance"].startswith("REFUSE INSUFFICIENT_BALANCE available_minor 500")
    assert poor.causes == []


def test_a_leg_on_an_unknown_market_has_a_verdict_and_no_quote(story: Story) -> None:
    assert kinds(explain(story, "ann/unknown")) == ["bet", "leg", "verdict"]


def test_a_market_is_explained_by_its_newest_quote_and_a_version_by_itself(story: Story) -> None:
    market = story.markets()[0]
    assert explain(story, market).title == f"{market} version 2"
    assert explain(story, f"{market}@1").title == f"{market} version 1"
    first = story.said(topics.QUOTES, Quote)[0]
    assert explain(story, first.event_id).title == f"{first.market_id} version {first.version}"


def test_what_the_broker_has_let_go_is_said_to_be_gone(story: Story) -> None:
    bet = Explainer(without(story, "quotes")).explain("double")
    assert bet is not None
    assert bet.causes[0].causes[0].causes[0].place == GONE
    bet = Explainer(without(story, "odds")).explain("double")
    assert bet is not None
    tick = bet.causes[0].causes[0].causes[0].causes[0]
    assert (tick.place, tick.figures["in the consensus"]) == (GONE, "weight 0.900, 0 ms old")
    bet = Explainer(without(story, *(raw.name for raw in topics.RAW))).explain("double")
    assert bet is not None
    assert bet.causes[0].causes[0].causes[0].causes[0].causes[0].place == GONE
    bet = Explainer(without(story, "bets.leg-verdicts")).explain("double")
    assert bet is not None
    assert bet.causes[0].causes[0].title == "the book did not answer"


def test_bytes_that_are_not_those_received_show(story: Story) -> None:
    def spoilt(topic: str) -> Iterator[Record]:
        for record in story.reader(topic):
            if topic in {raw.name for raw in topics.RAW}:
                message = decode(RawMessage, record.value or b"")
                wrong = msgspec.structs.replace(message, payload=message.payload.replace(b"match0", b"match9"))
                yield msgspec.structs.replace(record, value=encode(wrong))
            else:
                yield record

    message = explain(story, story.markets()[0]).causes[0].causes[0].figures["event"]
    found = Explainer(spoilt).explain(message)
    assert found is not None
    assert "CHANGED" in found.figures["bytes"]


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [("t2", "WalletTransfer"), ("cat/t2.transfer_refused", "LedgerEntry"), ("ann.v1", "Account")],
)
def test_any_event_is_explained_by_its_id(story: Story, wanted: str, kind: str) -> None:
    assert explain(story, wanted).kind == kind


def test_a_tick_a_fixture_and_a_word_to_the_book_are_explained_by_their_ids(story: Story) -> None:
    tick = story.said(topics.ODDS, MarketOdds)[0]
    assert kinds(explain(story, tick.event_id)) == ["tick", "provider's message"]
    assert kinds(explain(story, tick.fixture_id)) == ["Fixture", "provider's message"]
    leg = story.said(topics.BET_LEGS, BetLeg)[0]
    assert explain(story, leg.event_id).figures["leg_id"] == leg.leg_id


def test_a_request_without_a_decision_is_shown_without_its_token(story: Story) -> None:
    found = Explainer(without(story, "bets.decisions", "bets.legs", "bets.leg-verdicts")).explain("double")
    assert found is not None
    assert found.kind == "BetRequest"
    assert "token" not in found.figures
    assert found.figures["customer_id"] == "ann"


def test_nothing_is_known_under_a_made_up_id(story: Story) -> None:
    assert Explainer(story.reader).explain("made-up") is None
