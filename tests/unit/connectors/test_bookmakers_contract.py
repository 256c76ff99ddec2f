"""The six bookmakers' connectors under the contract, and what their files are told by."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import connectors
from connectors.altenar.connector import Altenar
from connectors.betcenter.connector import Betcenter
from connectors.bookmakers.connector import Bookmaker
from connectors.bwin.connector import Bwin
from connectors.contract import Connector, TruncatedFile, WrongFile
from connectors.kambi.connector import Kambi
from connectors.pinnacle.connector import Pinnacle
from connectors.sbtech.connector import Sbtech
from domain.errors import ContractViolation, Misconfigured
from domain.events.feeds import RawMessage
from tests.unit.connectors import bookmaker_samples as samples
from tests.unit.connectors.recorded_suite import RecordedContract

KICK_OFF = 1_700_078_400_000_000


class BookmakerContract(RecordedContract):
    """What all six share: answers of a web API, one a line."""

    kind: type[Bookmaker]

    @property
    def payloads(self) -> list[bytes]:
        return samples.payloads(self.provider)

    def connector(self) -> Connector:
        return self.kind()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return b"\n".join(payloads) + b"\n"

    def many(self) -> list[bytes]:
        return samples.payloads(self.provider, 100) * 10

    def parse(self, message: RawMessage) -> object:
        return self.kind.parse(message.payload)


class TestAltenar(BookmakerContract):
    """Altenar."""

    provider, kind = "altenar", Altenar


class TestBetcenter(BookmakerContract):
    """Betcenter."""

    provider, kind = "betcenter", Betcenter


class TestBwin(BookmakerContract):
    """bwin."""

    provider, kind = "bwin", Bwin


class TestKambi(BookmakerContract):
    """Kambi."""

    provider, kind = "kambi", Kambi


class TestPinnacle(BookmakerContract):
    """Pinnacle."""

    provider, kind = "pinnacle", Pinnacle


class TestSbtech(BookmakerContract):
    """SBTech."""

    provider, kind = "sbtech", Sbtech


def written(path: Path, document: object) -> Path:
    path.write_bytes(gzip.compress(json.dumps(document, indent=2).encode()))
    return path


@pytest.mark.parametrize("provider", samples.OFFERS)
def test_a_document_of_many_lines_is_one_message_of_just_before_its_first_kick_off(
    tmp_path: Path, provider: str
) -> None:
    path = written(tmp_path / "x.json.gz", samples.OFFERS[provider](0))

    (message,) = connectors.by_name(provider).recorded(path)

    assert json.loads(message.payload) == samples.OFFERS[provider](0)
    changed = KICK_OFF - 22 * 3600 * 1_000_000
    assert message.occurred_at == (changed if provider == "kambi" else KICK_OFF - 1)


@pytest.mark.parametrize("provider", samples.OFFERS)
def test_another_bookmaker_s_answer_is_a_wrong_file(tmp_path: Path, provider: str) -> None:
    for other in samples.OFFERS.keys() - {provider}:
        with pytest.raises(WrongFile, match=f"no answer of {provider}"):
            list(connectors.by_name(provider).recorded(written(tmp_path / "x.gz", samples.OFFERS[other](0))))


@pytest.mark.parametrize("provider", samples.OFFERS)
def test_a_cut_document_is_a_truncated_file(tmp_path: Path, provider: str) -> None:
    text = json.dumps(samples.OFFERS[provider](0), indent=2).encode()
    path = tmp_path / "cut.json"
    path.write_bytes(text[: len(text) // 2])

    with pytest.raises(TruncatedFile):
        list(connectors.by_name(provider).recorded(path))


def test_pinnacle_s_list_beside_its_lines_is_the_first_message_of_their_stream(tmp_path: Path) -> None:
    listed = written(tmp_path / "pinnacle_events.json.gz", samples.pinnacle_list())
    lines = written(tmp_path / "pinnacle_betoffers.json.gz", samples.pinnacle())

    first, second = Pinnacle().recorded(lines)

    assert (first.endpoint, second.endpoint) == (f"file:{listed.name}", f"file:{lines.name}")
    assert (first.stream_sequence, second.stream_sequence) == (0, 1)
    assert first.stream_id == second.stream_id
    assert [each.event_id for each in Pinnacle().recorded(lines, start=1)] == [second.event_id]
    assert len(list(Pinnacle().recorded(listed))) == 1


def test_options_are_refused() -> None:
    with pytest.raises(Misconfigured, match="takes no options"):
        connectors.by_name("bwin", options="a key")


@pytest.mark.parametrize(("american", "wanted"), [(100, 2000), (150, 2500), (-200, 1500), (-110, 1909), (-100, 2000)])
def test_american_odds_are_decimal_ones(american: int, wanted: int) -> None:
    document = samples.pinnacle()
    document["data"][0]["prices"][0]["price"] = american

    coupon = Pinnacle.parse(samples.packed(document))

    assert (coupon.matches[0].markets or ())[0].choices[0].odds == wanted


@pytest.mark.parametrize("american", [0, 99, -99])
def test_american_odds_within_a_hundred_do_not_exist(american: int) -> None:
    document = samples.pinnacle()
    document["data"][0]["prices"][0]["price"] = american

    with pytest.raises(ContractViolation, match="not American odds"):
        Pinnacle.parse(samples.packed(document))


@pytest.mark.parametrize("provider", samples.OFFERS)
def test_matches_and_what_is_none_are_told_apart(provider: str) -> None:
    document = samples.pinnacle_list() if provider == "pinnacle" else samples.OFFERS[provider](0)
    parse = {"altenar": Altenar, "betcenter": Betcenter, "bwin": Bwin, "kambi": Kambi, "pinnacle": Pinnacle}
    coupon = parse.get(provider, Sbtech).parse(samples.packed(document))

    (match,) = coupon.matches
    assert (match.id, match.home, match.away) == ("1", samples.HOME, samples.AWAY)
    assert (match.starts, match.competition, match.sport) == (samples.STARTS, "First League", "soccer")
    has_id = provider in {"altenar", "betcenter", "bwin"}
    assert match.betradar_id == (str(samples.BETRADAR) if has_id else None)
    left_out = {each.id: (each.reason, each.match_id) for each in coupon.left_out}
    specials = {"2": ("CORNERS", "1"), "3": ("SPECIAL", "1")}
    assert left_out == (specials if provider == "pinnacle" else {"2": ("OUTRIGHT", None)})
