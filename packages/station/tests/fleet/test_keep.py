"""The table that says which restore points are kept."""

import pytest

from station.fleet import Keep


def test_what_is_not_written_is_as_the_page_says(changed) -> None:
    assert changed().apps["notes"].keep == Keep()
    assert changed(more="[apps.notes.keep]\ndaily = 31").apps["notes"].keep == Keep(daily=31)


def test_days_begin_where_the_fleet_is(changed) -> None:
    here = 'name = "home"\ntime_zone = "America/New_York"'
    assert changed('name = "home"', here).apps["notes"].keep == Keep(zone="America/New_York")


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("last = 0", "keep.last: is 0; must be a whole number from 1 to 1000000"),
        ("daily = -1", "keep.daily: is -1; must be a whole number from 0 to 10000"),
        ("hourly = 2.5", "keep.hourly: is 2.5; must be a whole number from 0 to 10000"),
        ("full_every_days = 0", "keep.full_every_days: is 0; must be a whole number from 1 to 366"),
        ("dayly = 3", "keep.dayly: there is no such key; did you mean daily?"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(mistakes, line: str, mistake: str) -> None:
    assert mistakes(more=f"[apps.notes.keep]\n{line}") == [f"fleet.toml: apps.notes.{mistake}"]
