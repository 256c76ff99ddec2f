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
_RESERVES: Final = frozenset(["reserves", "reserve", "res", "ii", "b", "iii", "amateurs"])
_YOUTH: Final = re.compile(r"^(?:u|under ?)-?(\d{2})s?$")
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


@lru_cache(maxsize=32_768)
def team(text: str) -> Name:
    """Normalise a team's name: "Nott'm Forest" and "NOTTM FOREST FC" are one, "Chelsea (W)" is not "Chelsea"."""
    words, tags = [], set[str]()
    raw = _words(re.sub(r"(?i)\bunder[ -]?(\d{2})", r"u\1", text))
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


@lru_cache(maxsize=32_768)
def person(text: str) -> Name:
    """Normalise a player's name; "Surname, Given" is turned round."""
    last, comma, first = text.partition(",")
    return Name(tuple(_words(f"{first} {last}" if comma else text)))


@lru_cache(maxsize=32_768)
def runner(text: str) -> Name:
    """Normalise a horse's or greyhound's name: its cloth number, its country and its sex are not part of it."""
    return Name(tuple(_words(re.sub(r"\([A-Z]{2,3}\)$", "", re.sub(r"^\s*\d+\.?\s+", "", text)))))


def competition(text: str) -> Name:
    """Normalise a competition's name."""
    return Name(tuple(word for word in _words(text) if word not in _FILLERS))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LATIN))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_CYRILLIC)
    plain = plain.replace("&", " and ").replace("'", "").replace("\u2019", "").replace("`", "")
    plain = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", plain)  # F.C. is one word
    return [word for word in _NOT_WORDS.split(_BRACKETS.sub(" ", plain)) if word]


def _tag(word: str, *, is_last: bool, is_first: bool) -> str | None:
    if is_first:
        return None
    if word in _WOMEN or (is_last and word == "w"):
        return "women"
    youth = _YOUTH.match(word)
    if youth:
        return f"u{youth[1]}"
    if word == "youth":
        return "youth"
    return "reserves" if is_last and word in _RESERVES else None
