"""How alike two names are: word by word, so that one shared word never makes two clubs one."""

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from domain.identity.names import Name

SURE: Final = 0.9
"""From here on two names are the same name, spelt or shortened in two ways."""
POSSIBLE: Final = 0.55
"""From here on they may be: one says more than the other."""

_CONFLICT: Final = 0.5
_SHORTENED: Final = 0.92
_TYPO: Final = 0.8


def similarity(a: Name, b: Name) -> float:
    """Score two names in [0, 1].

    Every word of one name is paired with its closest of the other: equal, misspelt (Damerau-Levenshtein similarity of
    0.8 or more), shortened ("Man", "J.") or initials of several ("OH Leuven", "Lu Y.H."). Words left over on one side
    only make the score POSSIBLE at best ("Newcastle", "Newcastle United"); left over on both sides they contradict
    each other and no score exceeds 0.5 ("Manchester City", "Manchester United"). Names with different tags are
    different: 0.
    """
    if a.tags != b.tags or not a.words or not b.words:
        return 0.0
    if a.words == b.words:
        return 1.0
    if sorted(a.words) == sorted(b.words) or "".join(a.words) == "".join(b.words):
        return 0.97
    score = _aligned(a.words, b.words)
    spelt = _spelt_out(a.words, b.words) or _spelt_out(b.words, a.words)
    return max(score, _aligned(*spelt)) if spelt else score


def person_similarity(a: Name, b: Name) -> float:
    """Score two persons' names in [0, 1].

    As `similarity`, but given names may be left out where a name of three letters or more and one more agree
    ("Schwartzman D.", "Diego Sebastian Schwartzman").
    """
    score = similarity(a, b)
    if score >= SURE or not a.words or not b.words or a.tags != b.tags:
        return score
    spelt = _spelt_out(a.words, b.words) or _spelt_out(b.words, a.words)
    short, long = sorted(spelt or (a.words, b.words), key=len)
    whole = sum(1 for word in short if len(word) >= 3 and word in long)
    if len(short) >= 2 and whole and _CONFLICT < score < SURE and _without_extra(short, long) >= SURE:
        return SURE
    return score


def _spelt_out(initials: tuple[str, ...], full: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Replace a word of initials ("ph") by single ones where the other name has words in a row that begin so."""
    left = [word for word in full if word not in initials]
    for word in initials:
        if word not in full and 2 <= len(word) <= 3 and "".join(each[0] for each in left) == word:
            return tuple(each for each in initials if each != word) + tuple(word), full
    return None


def _without_extra(short: tuple[str, ...], long: tuple[str, ...]) -> float:
    """Score the words of the shorter name alone."""
    left, matched, weight = list(long), 0.0, 0
    for word in sorted(short, key=len, reverse=True):
        best = max(left, key=lambda other: _word(word, other))
        matched += _word(word, best) * max(len(word), len(best))
        weight += max(len(word), len(best))
        left.remove(best)
    return matched / weight


def _aligned(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    short, long = sorted((a, b), key=len)
    left = list(long)
    matched, weight, missed = 0.0, 0, 0
    for word in sorted(short, key=len, reverse=True):
        best = max(left, key=lambda other: _word(word, other))
        score = _word(word, best)
        if score == 0.0:
            missed += len(word)
            continue
        left.remove(best)
        size = max(len(word), len(best))
        matched += score * size
        weight += size
    extra = sum(map(len, left))
    if missed:
        return min(_CONFLICT, matched / (weight + missed + extra))
    if extra:
        return min(0.85, matched / (weight + extra / 2))
    return matched / weight


@lru_cache(maxsize=131_072)
def _word(a: str, b: str) -> float:
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    # "Man" for Manchester, "J" for Jan; but Niger is not Nigeria.
    if long.startswith(short) and (len(short) == 1 or (2 <= len(short) <= 4 and len(long) >= len(short) + 3)):
        return _SHORTENED
    if len(short) < 4:
        return 0.0
    alike = DamerauLevenshtein.normalized_similarity(a, b, score_cutoff=_TYPO)
    return float(alike)
