"""Which known name a bill code could mean: deterministic, and each score says what it comes from. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

APPROVE_AT = 0.92  # with APPROVE_FROM_CENTS of revenue it is offered for one click
APPROVE_FROM_CENTS = 2_000_00
MOST = 5
_ALIKE = 0.80  # two words that are one misspelt
_WEAK = 0.30
_LEFT_OUT = """
a an the and of inc incorporated llc llp lp corp corporation ltd limited co company companies plc gmbh group
sea sfo lax cvc nyc hou dal cmp mmt wdc chi msp admin holiday promo promotion campaign new q1 q2 q3 q4
"""
_OUT = frozenset(_LEFT_OUT.split())
_NUMBER = re.compile(r"(fy)?\d+")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Name:
    """Something to be found: `agency` is "" for a direct customer."""

    id: int
    agency: str
    advertiser: str
    shown: str


@dataclass(frozen=True)
class Candidate:
    """A name with how well it fits, 0 to 1, and why."""

    id: int
    name: str
    score: float
    why: str

    @property
    def is_sure(self) -> bool:
        return self.score >= APPROVE_AT


def words_of(text: str) -> tuple[str, ...]:
    """The words that tell one name from another, without accents, company suffixes, markets, seasons and numbers."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ")).encode("ascii", "ignore").decode().casefold()
    plain = plain.replace("'", "").replace(".", "")
    every = sorted(set(_WORD.findall(plain)))
    kept = tuple(word for word in every if word not in _OUT and not _NUMBER.fullmatch(word))
    return kept or tuple(every)


class Suggester:
    """Knows the names; finds the best for a bill code among those that share the beginning of a word with it."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._by_start: defaultdict[str, list[Name]] = defaultdict(list)
        for name in names:
            for start in {word[:3] for word in words_of(name.advertiser)}:
                self._by_start[start].append(name)

    def best(self, agency: str, advertiser: str) -> list[Candidate]:
        """At most five, the best first; of equal ones the smaller name."""
        near = {name.id: name for word in words_of(advertiser) for name in self._by_start.get(word[:3], ())}
        found = [_candidate(name, agency, advertiser) for name in near.values()]
        return sorted(
            (one for one in found if one.score >= _WEAK), key=lambda one: (-one.score, one.name.casefold(), one.id)
        )[:MOST]


def _candidate(name: Name, agency: str, advertiser: str) -> Candidate:
    score, why = _likeness(words_of(advertiser), words_of(name.advertiser))
    if not agency and not name.agency:
        return Candidate(name.id, name.shown, round(score, 3), f"{why}; both direct")
    if not agency or not name.agency:
        return Candidate(name.id, name.shown, round(score * 0.85, 3), f"{why}; only one has an agency")
    by_agency, _ = _likeness(words_of(agency), words_of(name.agency))
    said = "same agency" if by_agency == 1 else "agency alike" if by_agency >= _ALIKE else "another agency"
    return Candidate(name.id, name.shown, round(0.8 * score + 0.2 * by_agency, 3), f"{why}; {said}")


@lru_cache(maxsize=65_536)
def _likeness(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[float, str]:
    """Twice the words they share over all words of both; a misspelt one counts for less the more it differs."""
    same = [word for word in ours if word in theirs]
    left = [word for word in theirs if word not in ours]
    shared, alike = float(len(same)), []
    for word in (word for word in ours if word not in theirs):
        near = max(((_ratio(word, other), other) for other in left), default=(0.0, ""))
        if near[0] >= _ALIKE:
            left.remove(near[1])
            shared += near[0] ** 2  # a short word that differs in a letter is often another one
            alike.append(f"{word} for {near[1]}")
    parts = []
    if same:
        parts.append(f"same words: {', '.join(same)}")
    if alike:
        parts.append(f"alike: {', '.join(alike)}")
    return 2 * shared / max(len(ours) + len(theirs), 1), "; ".join(parts) or "no word in common"


@lru_cache(maxsize=65_536)
def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
