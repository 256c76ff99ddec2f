"""Names as they compare: case, accents, scripts, punctuation and club types gone; women, youth, reserves kept apart."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

_LATIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "\u0131": "i", "þ": "th", "ð": "d", "ŋ": "n"}
)
# ISO 9 without its diacritics, with the digraphs that sports pages use.
_CYRILLIC: Final = str.maketrans(
    dict(
        zip(
            "абвгдежзийклмнопрстуфхцчшщъыьэюяѓёєіїјљњћќџґ",
            [
                "a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
                "f", "kh", "ts", "ch", "sh", "sht", "a", "y", "", "e", "yu", "ya", "g", "e", "e", "i", "i", "j", "lj",
                "nj", "c", "k", "dz", "g",
            ],
            strict=True,
        )
    )
)  # fmt: skip

_CLUB_TYPES: Final = frozenset([
    "fc", "afc", "cfc", "cf", "sc", "ac", "as", "ss", "ssc", "us", "kv", "kvc", "kaa", "krc", "ksv", "rsc", "kfc",
    "kfco", "rcd", "cd", "ud", "sd", "ca", "cr", "sv", "fk", "sk", "nk", "bk", "tsv", "vfl", "vfb", "tsg", "ogc",
    "losc", "rc", "hsc", "gnk", "hnk", "if", "ff", "bc", "bv", "cfr", "ks", "mks",
])  # fmt: skip
_WORDS: Final = {
    "utd": "united", "saint": "st", "sint": "st", "sankt": "st", "ath": "athletic", "atl": "atletico", "dyn": "dynamo",
    "dinamo": "dynamo", "spartak": "spartak", "intl": "international", "wand": "wanderers", "rov": "rovers",
}  # fmt: skip
_FILLERS: Final = frozenset(["and", "de", "the", "of", "der", "van"])

_WOMEN: Final = frozenset([
    "women", "womens", "woman", "ladies", "femenino", "feminino", "feminina", "femenina", "feminines", "feminin",
    "femminile", "frauen", "dames", "vrouwen", "kvinner", "damer", "wfc",
])  # fmt: skip
_RESERVES: Final = frozenset([
    "reserves", "reserve", "reserva", "reservas", "res", "ii", "b", "iii", "2", "3", "amateurs", "academy", "castilla",
])  # fmt: skip
_RESERVES_BEFORE: Final = frozenset(["jong"])
_COUNTS: Final = frozenset([
    "corners", "corner", "bookings", "booking", "cards", "offsides", "shots", "fouls", "throws", "aces", "specials",
])  # fmt: skip
"""What is counted in a match and listed as if it were one: "Charleroi (Corners)"."""
_SIMULATED: Final = frozenset([
    "srl", "esports", "esport", "esoccer", "efootball", "ebasketball", "cyber", "virtual", "simulated",
])  # fmt: skip
"""What a computer plays under the names of those who play themselves."""
_YOUTH: Final = re.compile(r"^(?:u|under ?|sub ?)-?(\d{2})s?$")
_YOUTH_APART: Final = re.compile(r"(?i)\b(?:under|sub|u)[ -]?(\d{2})\b")
_ELECTRONIC: Final = re.compile(r"(?i)\be-(?=sports?\b|soccer\b|football\b|basketball\b)")
_YOUTHS: Final = frozenset(["youth", "juniors", "junior", "juvenil", "primavera"])
PLAYERS_SPORTS: Final = frozenset(
    ["tennis", "table_tennis", "darts", "snooker", "boxing", "mma", "badminton", "squash"]
)
"""Sports of persons: who is told first means nothing."""
_BRACKETS: Final = re.compile(r"[()\[\]]")
_NOT_WORDS: Final = re.compile(r"[^0-9a-z]+")


class Name(msgspec.Struct, frozen=True):
    """A name as it compares: its words in order, and the tags that set apart sides of one club."""

    words: tuple[str, ...]
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the whole as text: names with the same key are the same name."""
        words = " ".join(self.words)
        return f"{words} [{' '.join(self.tags)}]" if self.tags else words


@lru_cache(maxsize=131_072)
def team(text: str) -> Name:
    """Normalise a team's name: "Nott'm Forest" and "NOTTM FOREST FC" are one, "Chelsea (W)" is not "Chelsea"."""
    words, tags = [], set[str]()
    raw = _words(_joined(text))
    for index, word in enumerate(raw):
        tag = _tag(word, is_last=index == len(raw) - 1, is_first=index == 0)
        if tag:
            tags.add(tag)
        else:
            words.append(_WORDS.get(word, word))
    if words[:1] == ["1"]:  # 1. FC Köln
        words = words[1:] or words
    kept = [word for word in words if word not in _CLUB_TYPES and word not in _FILLERS]
    return Name(tuple(kept or words), tuple(sorted(tags)))


@lru_cache(maxsize=131_072)
def person(text: str) -> Name:
    """Normalise a player's name; "Surname, Given" is turned round."""
    last, comma, first = text.partition(",")
    return Name(tuple(_words(f"{first} {last}" if comma else text)))


@lru_cache(maxsize=32_768)
def runner(text: str) -> Name:
    """Normalise a horse's or greyhound's name: its cloth number, its country and its sex are not part of it."""
    return Name(tuple(_words(re.sub(r"\([A-Z]{2,3}\)$", "", re.sub(r"^\s*\d+\.?\s+", "", text)))))


@lru_cache(maxsize=8_192)
def competition(text: str) -> Name:
    """Normalise a competition's name."""
    return Name(tuple(word for word in _words(text) if word not in _FILLERS))


@lru_cache(maxsize=8_192)
def tags_of(text: str) -> tuple[str, ...]:
    """Return what a competition's name says of every side in it: "WSL 2 Women" has the tag "women"."""
    tags = set[str]()
    for word in _words(_joined(text)):
        youth = _YOUTH.match(word)
        if word in _WOMEN or word == "wsl":
            tags.add("women")
        elif youth:
            tags.add(f"u{youth[1]}")
        elif word in _YOUTHS:
            tags.add("youth")
        elif word in _COUNTS:
            tags.add("count")
        elif word in _SIMULATED:
            tags.add("simulated")
        elif word in {"reserves", "reserve", "reservas"}:
            tags.add("reserves")
    return tuple(sorted(tags))


def tagged(name: Name, competition_name: str) -> Name:
    """Add what the competition says of its sides to a side's name."""
    more = tags_of(competition_name)
    return Name(name.words, tuple(sorted({*name.tags, *more}))) if more else name


def normalise(sport: str, text: str, competition_name: str = "") -> Name:
    """Normalise the name of a sport's participant, a person's or a team's, with what its competition says of it."""
    name = person(text) if sport in PLAYERS_SPORTS and "/" not in text else team(text)
    return tagged(name, competition_name) if competition_name else name


def _joined(text: str) -> str:
    """Write what marks a side as one word: "Under 21", "U-21", "E-sports"."""
    return _ELECTRONIC.sub("e", _YOUTH_APART.sub(r"u\1", text))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LATIN))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_CYRILLIC)
    plain = plain.replace("&", " and ").replace("'", "").replace("\u2019", "").replace("`", "")
    plain = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", plain)  # F.C. is one word
    return [word for word in _NOT_WORDS.split(_BRACKETS.sub(" ", plain)) if word]


def _tag(word: str, *, is_last: bool, is_first: bool) -> str | None:
    if is_first:
        return "reserves" if word in _RESERVES_BEFORE else None
    if word in _COUNTS or word in _SIMULATED:
        return "count" if word in _COUNTS else "simulated"
    if word in _WOMEN or (is_last and word == "w"):
        return "women"
    youth = _YOUTH.match(word)
    if youth:
        return f"u{youth[1]}"
    if word in _YOUTHS:
        return "youth"
    return "reserves" if is_last and word in _RESERVES else None
