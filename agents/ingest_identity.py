"""A person's decisions on identity, made true in this partition: its links, and what is offered through them.

Every partition reads every decision. Each moves the links that it holds; the one that the decision's key hashes to
also says what became of the retired fixture, and what cannot be done. The same decision again finds nothing to do.
"""

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_moved_results import move_results
from agents.ingest_moves import Move, move_offers
from agents.ingest_player_rulings import decide_on_players
from agents.ingest_speech import Speech
from bookstream import topics
from bookstream.delivery.api import Outbox, Record, Shard
from bookstream.partitioner import partition_for
from domain.errors import ContractViolation, UnknownReference
from domain.events.canonical import Fixture, IdentityDecision
from domain.identity.claims import KnownFixture
from domain.identity.decisions import check_decision, described, split_off, subject_key
from domain.identity.ids import kind_of
from tables.ingest import LINKS, RULINGS, Ruling, look_later


def decide(fixtures: Fixtures, shard: Shard, record: Record, decision: IdentityDecision, out: Outbox) -> None:
    """Carry a decision out, as far as it is this partition's. Idempotent.

    Raises:
        ContractViolation: it cannot be done, or contradicts an earlier one.
        UnknownReference: nobody has told of a fixture that it names.
    """
    is_owner = partition_for(decision.fixture_id.encode(), topics.PARTITIONS) == shard.partition
    try:
        check_decision(decision)
    except ContractViolation:
        if is_owner:
            raise
        return
    speech = Speech(out, record, decision)
    speech.cause_id = f"{decision.event_id}.{shard.partition}"
    if kind_of(decision.fixture_id) == "player":
        decide_on_players(fixtures, shard, speech, decision, is_owner=is_owner)
    elif shard.get(RULINGS, decision.event_id) is not None:
        return
    elif decision.action == "MERGE":
        _merge(fixtures, shard, speech, decision, is_owner=is_owner)
    elif decision.action == "SPLIT":
        _split(fixtures, shard, speech, decision, is_owner=is_owner)


def _merge(fixtures: Fixtures, shard: Shard, speech: Speech, decision: IdentityDecision, *, is_owner: bool) -> None:
    kept, retired = described(decision), decision.retired_id or ""
    if _is_settled(shard, decision, is_owner=is_owner):
        return
    known = fixtures.directory.get(retired)
    if is_owner and (known is None or fixtures.directory.get(kept.fixture_id) is None):
        unknown = retired if known is None else kept.fixture_id
        raise UnknownReference(f"nobody has told of fixture {unknown[:60]!r}")
    for key, earlier in list(shard.scan(RULINGS)):
        if earlier.fixture.fixture_id == retired:
            shard.put(RULINGS, key, Ruling(kept, earlier.turned != decision.turned, earlier.past_at))
    _rule(shard, retired, Ruling(kept, decision.turned), decision)
    links = {key: link for key, link in shard.scan(LINKS) if link.fixture.fixture_id == retired}
    _move(fixtures, shard, speech, Move(retired, kept, links, is_merge=True), turned=decision.turned)
    if is_owner and known is not None:
        _say_retired(fixtures, speech, decision, known)


def _is_settled(shard: Shard, decision: IdentityDecision, *, is_owner: bool) -> bool:
    """Say whether nothing is left to do for a merge: it was done, or something else was that rules it out.

    Raises:
        ContractViolation: something else was; told in one partition.
    """
    retired = decision.retired_id or ""
    before, onward = shard.get(RULINGS, retired), shard.get(RULINGS, decision.fixture_id)
    if onward is not None and is_owner:
        raise ContractViolation(f"{decision.fixture_id} was merged into {onward.fixture.fixture_id} before")
    if before is not None and before.fixture.fixture_id != decision.fixture_id and is_owner:
        raise ContractViolation(f"{retired} was merged into {before.fixture.fixture_id} before")
    return before is not None or onward is not None


def _split(fixtures: Fixtures, shard: Shard, speech: Speech, decision: IdentityDecision, *, is_owner: bool) -> None:
    key, left = subject_key(decision), decision.retired_id or ""
    link = shard.get(LINKS, key)
    provider, theirs = decision.subject_provider or "", decision.subject_fixture_id or ""
    if is_owner and fixtures.directory.linked(provider, theirs) is None:
        raise UnknownReference(f"nobody has told of {key[:120]!r}")
    new = described(decision)
    if link is not None:
        if link.fixture.fixture_id != left:
            raise ContractViolation(f"{key} is {link.fixture.fixture_id}, not {left}")
        new = split_off(fixtures.catalogue, link.claim, new)
    _rule(shard, key, Ruling(new), decision)
    if link is not None:
        _move(fixtures, shard, speech, Move(left, new, {key: link}, is_merge=False), turned=link.swapped)


def _rule(shard: Shard, key: str, ruling: Ruling, decision: IdentityDecision) -> None:
    """Remember where something goes, and that the decision is carried out: once more it must not undo later ones."""
    for each in (key, decision.event_id):
        if shard.get(RULINGS, each) is None:
            look_later(shard, RULINGS.name, each, decision.received_at)
        shard.put(RULINGS, each, msgspec.structs.replace(ruling))


def _move(fixtures: Fixtures, shard: Shard, speech: Speech, move: Move, *, turned: bool) -> None:
    """Move links, each with its provider's say, and then what is offered through them."""
    before = {key: link.swapped for key, link in move.links.items()}
    for key, link in move.links.items():
        fixtures.move(shard, speech, key, move.to, swapped=link.swapped != turned)
    move_results(shard, speech, move, before)
    move_offers(shard, speech, move, before)


def _say_retired(fixtures: Fixtures, speech: Speech, decision: IdentityDecision, retired: KnownFixture) -> None:
    fixture = Fixture(
        **speech.head(),
        **{name: value for name, value in msgspec.structs.asdict(retired).items() if name != "time_is"},
        status=fixtures.directory.reach(retired.fixture_id, "SCHEDULED"),
        provider_fixture_id="",
        confidence=1.0,
        successor_id=decision.fixture_id,
    )
    speech.say(topics.FIXTURES, retired.fixture_id, fixture)
