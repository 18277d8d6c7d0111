"""The score of an account, its tier and its touch: tables of the rule."""

import pytest

from bookedbiz.accounts.health import (
    Colour,
    Tier,
    colour_of,
    compliance,
    health,
    tiers,
    touch_colour,
    touch_points,
    trend_points,
)
from bookedbiz.accounts.signals import Kind


@pytest.mark.parametrize(
    ("recent", "earlier", "points"),
    [(110, 100, 100), (109, 100, 60), (90, 100, 60), (89, 100, 40), (75, 100, 40), (74, 100, 20), (50, 100, 20),
     (49, 100, 0), (0, 100, 0), (500, 0, 60), (0, 0, 60)],
)  # fmt: skip
def test_points_of_the_trend(recent: int, earlier: int, points: int) -> None:
    assert trend_points(recent, earlier) == points


@pytest.mark.parametrize(
    ("days", "points"),
    [(0, 100), (6, 100), (7, 75), (14, 75), (15, 50), (30, 50), (31, 25), (60, 25), (61, 0), (None, 0)],
)
def test_points_of_the_last_touch(days: int | None, points: int) -> None:
    assert touch_points(days) == points


@pytest.mark.parametrize(
    ("signal", "score"),
    [(None, 100), (Kind.GROWING, 100), (Kind.NEW_ACCOUNT, 95), (Kind.GONE_QUIET, 85), (Kind.DECLINING, 81),
     (Kind.CHURNED, 75), (Kind.RENEWAL_GAP, 75)],
)  # fmt: skip
def test_the_score_counts_the_signal_by_a_quarter(signal: Kind | None, score: int) -> None:
    assert health((110, 100), signal, 0, overdue=False) == score


@pytest.mark.parametrize(
    ("trend", "touched", "overdue", "score"),
    [((0, 100), 0, False, 70), ((110, 100), None, False, 75), ((110, 100), 0, True, 80), ((0, 0), None, True, 43)],
)
def test_trend_touch_and_follow_ups_count_by_thirty_a_quarter_and_a_fifth(
    trend: tuple[int, int], touched: int | None, overdue: bool, score: int
) -> None:
    assert health(trend, None, touched, overdue=overdue) == score


def test_the_worst_account_has_nothing() -> None:
    assert health((0, 100), Kind.CHURNED, None, overdue=True) == 0


@pytest.mark.parametrize(("score", "colour"), [(70, "green"), (69, "yellow"), (40, "yellow"), (39, "red")])
def test_colours_of_the_score(score: int, colour: str) -> None:
    assert colour_of(score) == colour


@pytest.mark.parametrize(
    ("count", "expected"), [(0, ""), (1, "A"), (2, "AB"), (3, "ABC"[:2] + "C"), (5, "ABBCC"), (10, "AABBBBCCCC")]
)
def test_a_fifth_is_a_two_fifths_are_b(count: int, expected: str) -> None:
    found = tiers({number: 1000 - number for number in range(count)})
    assert "".join(found[number] for number in range(count)) == expected


def test_of_equal_accounts_the_smaller_id_goes_first() -> None:
    assert tiers({7: 5, 3: 5}) == {3: Tier.A, 7: Tier.B}


@pytest.mark.parametrize(
    ("tier", "days", "colour"),
    [(Tier.A, 5, "green"), (Tier.A, 6, "yellow"), (Tier.A, 7, "yellow"), (Tier.A, 8, "red"), (Tier.B, 10, "green"),
     (Tier.B, 11, "yellow"), (Tier.B, 15, "red"), (Tier.C, 22, "green"), (Tier.C, 30, "yellow"), (Tier.C, None, "red")],
)  # fmt: skip
def test_the_colour_of_a_touch(tier: Tier, days: int | None, colour: str) -> None:
    assert touch_colour(tier, days) == colour


def test_compliance_is_the_share_that_is_not_red() -> None:
    assert compliance([Colour.GREEN, Colour.YELLOW, Colour.RED, Colour.RED]) == 0.5
    assert compliance([]) is None
