"""How alike two names are: word by word, so that one shared word never makes two clubs one."""

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
    0.8 or more) or shortened ("Man", "J."). Words left over on one side only make the score POSSIBLE at best
    ("Newcastle", "Newcastle United"); left over on both sides they contradict each other and no score exceeds 0.5
    ("Manchester City", "Manchester United"). Names with different tags are different: 0.
    """
    if a.tags != b.tags or not a.words or not b.words:
        return 0.0
    if a.words == b.words:
        return 1.0
    if sorted(a.words) == sorted(b.words) or "".join(a.words) == "".join(b.words):
        return 0.97
    return _aligned(a.words, b.words)


def _aligned(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    short, long = sorted((a, b), key=len)
    left = list(long)
    matched, weight, missed = 0.0, 0, 0
    for word in short:
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
