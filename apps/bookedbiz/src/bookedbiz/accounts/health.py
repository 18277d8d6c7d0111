"""How well an account is kept: its score from 0 to 100, its tier in a book, and how often it wants a touch. Pure."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from bookedbiz.accounts.signals import Kind

_SIGNAL: Final = {
    None: 100,
    Kind.GROWING: 100,
    Kind.NEW_ACCOUNT: 80,
    Kind.GONE_QUIET: 40,
    Kind.DECLINING: 25,
    Kind.CHURNED: 0,
    Kind.RENEWAL_GAP: 0,
}
_TOUCHED: Final = ((6, 100), (14, 75), (30, 50), (60, 25))  # days up to, points
_TREND, _SIGNALS, _TOUCH, _FOLLOW_UPS = 30, 25, 25, 20  # percent of the score
GREEN_FROM: Final = 70
YELLOW_FROM: Final = 40


class Colour(StrEnum):
    """How it looks."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Tier(StrEnum):
    """By 12-month revenue in one book: the first fifth, the next two, the rest."""

    A = "A"
    B = "B"
    C = "C"


EXPECTED_DAYS: Final = {Tier.A: 7, Tier.B: 14, Tier.C: 30}


def trend_points(recent_cents: int, earlier_cents: int) -> int:
    """The last three months against the three before them."""
    if earlier_cents <= 0:
        return 60
    change = (recent_cents - earlier_cents) / earlier_cents
    if change >= 0.10:
        return 100
    if change >= -0.10:
        return 60
    if change >= -0.25:
        return 40
    return 20 if change >= -0.50 else 0


def touch_points(days: int | None) -> int:
    """By the days since somebody last did anything there; None: nobody ever has."""
    if days is None:
        return 0
    return next((points for most, points in _TOUCHED if days <= most), 0)


def health(trend: tuple[int, int], signal: Kind | None, touched_days: int | None, *, overdue: bool) -> int:
    """The score. `trend` is what the last three months and the three before them brought, in cents."""
    points = (
        _TREND * trend_points(*trend)
        + _SIGNALS * _SIGNAL[signal]
        + _TOUCH * touch_points(touched_days)
        + _FOLLOW_UPS * (0 if overdue else 100)
    )
    return (points + 50) // 100


def colour_of(score: int) -> Colour:
    """Green from 70, yellow from 40."""
    return Colour.GREEN if score >= GREEN_FROM else Colour.YELLOW if score >= YELLOW_FROM else Colour.RED


def tiers(revenue: Mapping[int, int]) -> dict[int, Tier]:
    """The tier of each account of one book by its 12-month revenue; of equal ones the smaller id first."""
    ranked = sorted(revenue, key=lambda account: (-revenue[account], account))
    first, second = math.ceil(0.2 * len(ranked)), math.ceil(0.6 * len(ranked))
    return {
        account: Tier.A if place < first else Tier.B if place < second else Tier.C
        for place, account in enumerate(ranked)
    }


def touch_colour(tier: Tier, days: int | None) -> Colour:
    """Whether a touch is due: yellow after three quarters of the days that the tier allows, then red."""
    expected = EXPECTED_DAYS[tier]
    if days is None or days > expected:
        return Colour.RED
    return Colour.GREEN if days * 4 <= expected * 3 else Colour.YELLOW


def compliance(colours: Sequence[Colour]) -> float | None:
    """The share of accounts that are not red; None of none."""
    return sum(colour is not Colour.RED for colour in colours) / len(colours) if colours else None
