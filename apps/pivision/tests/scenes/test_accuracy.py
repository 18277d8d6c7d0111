"""The gate: a few short sequences each time, a sequence of each family in the slow run."""

import pytest

from pivision.scenes import gate, suite
from pivision.scenes.families import FAMILIES
from pivision.scenes.making import Recipe, film
from pivision.scenes.ours import OURS
from pivision.scenes.planning import Habit
from pivision.scenes.running import Cadence, watch
from pivision.scenes.scoring import judge, score
from pivision.scenes.stand import View
from pivision.scenes.truth import Topic

SLOW = [each.name for each in FAMILIES if each.cadence is Cadence.STEADY and each.name != "empty"]


@pytest.mark.parametrize("view", list(View))
def test_visits_in_plain_light_are_found(view: View) -> None:
    made = film("smoke", 2, Recipe(length_s=180.0, habit=Habit(stands_s=(2.0, 4.0), rests=1.0), views=(view,)))
    result, mistakes = judge(made.truth, watch(made, Cadence.STEADY, OURS))
    assert not mistakes
    assert result.of(Topic.INTERACTION).right >= 1


def test_an_empty_stand_is_quiet() -> None:
    made = film("quiet", 1, Recipe(length_s=180.0, habit=None))
    assert score(made.truth, watch(made, Cadence.STEADY, OURS)).all.wrong == 0


@pytest.mark.slow
def test_the_goals_are_met_over_all_families() -> None:
    outcomes = list(suite.run_all(suite.cases(SLOW, [11], (OURS.name,)), 2))
    found = suite.by_family(outcomes, OURS.name)
    whole = [each for each in gate.lines(found) if not each.goal.endswith(": F1")]  # one sequence of each is few
    assert all(each.met for each in whole), whole


@pytest.mark.slow
def test_an_hour_of_an_empty_stand_has_no_event() -> None:
    (outcome,) = suite.run_all([suite.Case("empty", 11)], 1)
    assert outcome.mistakes[OURS.name] == ()
    assert outcome.results[OURS.name].other == 0
