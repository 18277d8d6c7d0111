"""A part of a made day through the server's and the worker's real processes: it tells what the detector alone tells."""

from pathlib import Path

import pytest

from pivision.scenes.day import day
from pivision.scenes.truth import Topic
from pivision.testing.days import Lived, Plan, live_through, look_at

SEED = 1
MORNING = Plan(begin_s=150.0, end_s=320.0)  # of ten minutes: from dawn to noon, four visits
DISTURBED = Plan(begin_s=150.0, end_s=320.0, kills_s=(165.0, 215.0, 300.0))


def told(lived: Lived) -> list[tuple[str, float, str]]:
    return sorted((each.kind, each.at_s, each.slot) for each in lived.told)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_appliance_tells_what_its_detector_sees_also_when_the_worker_is_killed(tmp_path: Path) -> None:
    lived = live_through(day(SEED), tmp_path, DISTURBED)
    assert told(lived) == sorted((each.kind, each.at_s, each.slot) for each in look_at(day(SEED), MORNING))
    visits = lived.result.of(Topic.INTERACTION)
    assert visits.right > visits.missed
    assert (lived.pictures, lived.waits) == (340, 0)
    assert lived.files >= 2 * lived.events


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_whole_day_is_told_and_at_night_nothing(tmp_path: Path) -> None:
    one = day(SEED)
    lived = live_through(one, tmp_path)
    assert told(lived) == sorted((each.kind, each.at_s, each.slot) for each in look_at(day(SEED), Plan()))
    assert lived.result.of(Topic.INTERACTION).recall >= 0.5
    assert all(6 < one.hour(each.at_s) < 21.5 for each in lived.told)
