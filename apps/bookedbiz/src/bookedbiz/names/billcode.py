"""The grammar of the Bill Code column, in one function. Pure.

bill_code := customer | agency ":" customer | agency ":" agency ":" customer
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bookedbiz.names.text import name_key, tidy

_SPACES = re.compile(r"\s*:\s*")
_DIRECT = "direct"
_WORLDLINK = "worldlink"


@dataclass(frozen=True)
class Noise:
    """Endings that do not change who is named, in tidy text: `anywhere` all, `customer` at most one of them."""

    anywhere: Sequence[str] = ()
    customer: Sequence[str] = ()


@dataclass(frozen=True)
class BillCode:
    """What a bill code says. `readable` is False for `:` or `Agency:`, whose customer is then the whole text."""

    customer: str
    agencies: tuple[str, ...] = ()
    readable: bool = True
    is_worldlink: bool = field(default=False, kw_only=True)

    @property
    def display(self) -> str:
        """`Agency:Agency:Customer`."""
        return ":".join((*self.agencies, self.customer))


def parse_bill_code(raw: str, noise: Noise) -> BillCode:
    """Agency chain and customer of a bill code. What follows the last colon is the customer; `Direct:` is no agency.

    Some WorldLink codes have a space where others have a colon, so the prefix decides.
    """
    text = tidy(raw)
    is_worldlink = name_key(text).startswith(_WORLDLINK)
    *agencies, customer = _SPACES.split(_without_all(text, noise.anywhere))
    customer = _without_one(_without_all(customer, noise.anywhere), noise.customer)
    named = tuple(agency for agency in agencies if agency.casefold() != _DIRECT)
    if not customer or not all(named):
        return BillCode(text, readable=False, is_worldlink=is_worldlink)
    return BillCode(customer, named, is_worldlink=is_worldlink)


def _without_all(text: str, phrases: Sequence[str]) -> str:
    shorter = _without_one(text, phrases)
    while shorter != text:
        text, shorter = shorter, _without_one(shorter, phrases)
    return text


def _without_one(text: str, phrases: Sequence[str]) -> str:
    for phrase in sorted(phrases, key=len, reverse=True):
        ending = text[-len(phrase) :]
        before = text[: -len(phrase)]
        # a phrase that is a word of its own, and never the whole name
        if ending.casefold() == phrase.casefold() and before.strip() and not before[-1].isalnum():
            return before.rstrip(" -")
    return text
