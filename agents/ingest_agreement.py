"""Where providers differ on how a match ended: told once, and again when they agree (`feeds.differences`).

What all providers say of a fixture meets in the fixture's partition of ingest, which is the only writer of SCORE and
CARDS; closing odds meet in the book (agents/book_closing.py).
"""

from typing import Final

from agents.ingest_speech import Speech
from bookstream import topics
from bookstream.delivery.api import Shard
from domain.events.canonical import Incident, Statistic
from domain.events.feeds import ProviderDifference
from domain.feeds.agreement import TOLERANCES, Account, compare_ended, hear_cards, hear_score, is_news
from ops import metrics
from tables.quality import FactsRow

US: Final = "bookstream"
CARDS_MARK: Final = b"_cards_count"
"""Every figure that counts cards has this in its record: the others, most of them, need not be decoded."""


def take_account(row: FactsRow, told: Incident | Statistic) -> bool:
    """Take what a provider says of score or cards, and say whether anything is new."""
    account = row.accounts.get(told.provider) or Account()
    is_new = hear_score(account, told) if isinstance(told, Incident) else hear_cards(account, told)
    if is_new:
        row.accounts[told.provider] = account
    return is_new


def report_agreement(shard: Shard, fixture_id: str, row: FactsRow, speech: Speech) -> None:
    """Say where those who say that a match is over differ; the row is written by the caller."""
    for measure, found in compare_ended(row.accounts).items():
        if not is_news(found, row.differing.get(measure)):
            continue
        if found.differs:
            row.differing[measure] = found
        else:
            del row.differing[measure]
        speech.provider = US
        event = ProviderDifference(
            **speech.head(), fixture_id=fixture_id, measure=measure, differs=found.differs, apart=found.apart,
            tolerance=TOLERANCES[measure], figures=found.figures,
        )  # fmt: skip
        speech.say(topics.DIFFERENCES, f"{fixture_id}/{measure}", event, partition=shard.partition)
        metrics.DIFFERENCES.labels(measure, "DIFFER" if found.differs else "AGREE").inc()
