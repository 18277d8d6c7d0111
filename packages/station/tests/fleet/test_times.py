"""When scheduled jobs run: what the manifest may say of it."""

from datetime import time

import pytest

from station.fleet import Daily

COPY = '[apps.notes.copy]\nat = "02:05"\njitter_s = 60'
DRILL = '[apps.notes.drill]\nat = "03:30"\nday = "sunday"'


def test_nothing_is_scheduled_that_is_not_asked_for(changed) -> None:
    app = changed().apps["notes"]
    assert (app.copy, app.drill) == (None, None)


def test_jobs_run_at_the_wall_time_of_the_fleets_zone(changed) -> None:
    app = changed('name = "home"', 'name = "home"\ntime_zone = "Europe/Berlin"', more=f"{COPY}\n{DRILL}").apps["notes"]
    assert app.copy == Daily(time(2, 5), "Europe/Berlin", None, 60, ("disk",))
    assert app.drill == Daily(time(3, 30), "Europe/Berlin", 6, 0)


def test_without_a_zone_it_is_the_machines_and_the_tables_have_usual_times(changed) -> None:
    app = changed(more="[apps.notes.copy]\n[apps.notes.drill]").apps["notes"]
    assert app.copy == Daily(time(2, 5), None, None, 300, ("disk",))
    assert app.drill == Daily(time(3, 30), None)


@pytest.mark.parametrize("at", ["24:00", "2:05", "02:60", "0205", "02:05:00", ""])
def test_a_time_that_no_clock_shows_is_a_mistake(mistakes, at: str) -> None:
    (line,) = mistakes(more=f'[apps.notes.copy]\nat = "{at}"')
    assert (
        line
        == f'fleet.toml: apps.notes.copy.at: is "{at}"; must be a time of the day in quotes, from "00:00" to "23:59"'
    )


@pytest.mark.parametrize("zone", ["Europe/Berlni", "", "../etc/passwd", "CEST+1"])
def test_a_zone_that_does_not_exist_is_a_mistake(mistakes, zone: str) -> None:
    (line,) = mistakes('name = "home"', f'name = "home"\ntime_zone = "{zone}"')
    assert line == f'fleet.toml: time_zone: is "{zone}"; must be the name of a time zone'


def test_an_unknown_key_is_answered_with_those_there_are(mistakes) -> None:
    (line,) = mistakes(more="[apps.notes.copy]\nevery = 3")
    assert line == "fleet.toml: apps.notes.copy.every: there is no such key; the keys here are at, jitter_s, stores"
