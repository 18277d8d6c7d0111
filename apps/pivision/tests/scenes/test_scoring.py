"""A detector's words against what happened: each thing once, in its time, and broken detectors seen as such."""

import pytest

from pivision.scenes import gate
from pivision.scenes.running import Told
from pivision.scenes.scoring import judge, score, total
from pivision.scenes.truth import Allowed, Expected, Topic, Truth

VISITS = tuple(Expected(Topic.INTERACTION, at, at + 10.0, 3.0) for at in (50.0, 150.0, 250.0))
STOCK = tuple(Expected(Topic.STOCK, at + 4.0, at + 12.0, 25.0, "jam") for at in (50.0, 150.0))
TRUTH = Truth(400.0, (*VISITS, *STOCK))


def _visit(at_s: float) -> Told:
    return Told(Topic.INTERACTION, "interaction_detected", at_s)


def _stock(at_s: float, slot: str = "jam") -> Told:
    return Told(Topic.STOCK, "stock_changed", at_s, slot)


RIGHT = [_visit(51.0), _visit(152.0), _visit(251.5), _stock(70.0), _stock(170.0)]


def test_a_detector_that_is_right_has_full_marks() -> None:
    found = score(TRUTH, RIGHT)
    assert (found.all.precision, found.all.recall, found.false_per_day) == (1.0, 1.0, 0.0)


def test_a_detector_that_says_nothing_has_no_recall() -> None:
    found = score(TRUTH, [])
    assert found.of(Topic.INTERACTION).recall == 0
    assert found.of(Topic.STOCK).recall == 0
    assert found.all.f1 == 0


def test_a_detector_that_always_says_something_has_no_precision() -> None:
    found = score(TRUTH, [each for at in range(0, 400) for each in (_visit(at), _stock(at))])
    assert found.all.recall == 1
    assert found.of(Topic.INTERACTION).precision == 3 / 400
    assert found.of(Topic.STOCK).precision == 2 / 400
    assert found.false_per_day == (800 - 5) * 86_400 / 400


def test_a_late_detector_misses_and_is_wrong() -> None:
    found = score(TRUTH, [Told(each.topic, each.kind, each.at_s + 60, each.slot) for each in RIGHT])
    assert found.all.right == 0
    assert found.all.wrong == 5


def test_the_latency_is_counted_from_the_beginning_of_a_visit() -> None:
    visits = score(TRUTH, RIGHT).of(Topic.INTERACTION)
    assert visits.latency_s(0.5) == 1.5
    assert visits.latency_s(0.95) == 2.0


def test_the_latency_of_a_change_is_counted_from_when_the_last_one_has_gone() -> None:
    assert score(TRUTH, RIGHT).of(Topic.STOCK).latencies_s == (8.0, 8.0)


def test_nothing_right_has_no_latency() -> None:
    assert score(TRUTH, []).all.latency_s(0.5) is None


def test_a_visit_told_twice_is_right_once_and_wrong_once() -> None:
    visits = score(TRUTH, [*RIGHT, _visit(58.0)]).of(Topic.INTERACTION)
    assert (visits.right, visits.wrong) == (3, 1)


def test_a_change_told_of_another_slot_is_missed_and_wrong() -> None:
    stock = score(TRUTH, [_stock(70.0, "eggs"), _stock(170.0)]).of(Topic.STOCK)
    assert (stock.right, stock.missed, stock.wrong) == (1, 1, 1)


def test_a_change_told_without_a_slot_fits_any() -> None:
    assert score(TRUTH, [_stock(70.0, "")]).of(Topic.STOCK).right == 1


def test_what_is_allowed_is_neither_right_nor_wrong() -> None:
    truth = Truth(100.0, (), (Allowed(Topic.INTERACTION, 10, 20),))
    found = score(truth, [_visit(15.0), _visit(25.0)]).of(Topic.INTERACTION)
    assert (found.right, found.missed, found.wrong) == (0, 0, 1)


def test_windows_that_overlap_are_each_given_their_own() -> None:
    truth = Truth(100.0, (Expected(Topic.STOCK, 10, 20, 30), Expected(Topic.STOCK, 15, 20, 5)))
    assert score(truth, [_stock(22.0), _stock(40.0)]).of(Topic.STOCK).right == 2


def test_a_mistake_is_named_with_its_moment() -> None:
    _found, mistakes = judge(TRUTH, [*RIGHT[1:], _visit(300.0)])
    assert [(each.what, each.at_s) for each in mistakes] == [("missed", 50.0), ("wrong", 300.0)]


def test_scores_of_sequences_add_up() -> None:
    found = total([score(TRUTH, RIGHT), score(TRUTH, [])])
    assert (found.all.right, found.all.missed, found.length_s) == (5, 5, 800.0)


def test_the_gate_opens_for_what_is_right() -> None:
    lines = gate.lines({"plain": score(TRUTH, RIGHT), "empty": score(Truth(3600.0), [])})
    assert len(lines) == 6
    assert all(each.met for each in lines)


@pytest.mark.parametrize(
    ("told", "missed"),
    [
        ([], {"interactions: recall", "stock: recall", "plain: F1"}),
        ([*RIGHT, *map(_visit, range(300, 330))], {"interactions: precision", "plain: F1"}),
        ([*RIGHT, *map(_stock, range(300, 330))], {"stock: precision", "plain: F1"}),
        ([Told(each.topic, each.kind, each.at_s + 60) for each in RIGHT], None),
    ],
    ids=["silent", "talks of visits", "talks of goods", "late"],
)
def test_the_gate_is_shut_for_a_broken_detector(told: list[Told], missed: set[str] | None) -> None:
    shut = {each.goal for each in gate.lines({"plain": score(TRUTH, told)}) if not each.met}
    assert shut == missed if missed is not None else len(shut) == 5


def test_one_event_at_an_empty_stand_shuts_the_gate() -> None:
    (line,) = gate.lines({"empty": score(Truth(3600.0), [_visit(100.0)])})
    assert not line.met


def test_an_obstruction_told_late_shuts_the_gate() -> None:
    truth = Truth(400.0, (Expected(Topic.OBSTRUCTED, 100.0, 100.0, 60.0),))
    late = gate.lines({"covered": score(truth, [Told(Topic.OBSTRUCTED, "camera_obstructed", 161.0)])})
    soon = gate.lines({"covered": score(truth, [Told(Topic.OBSTRUCTED, "camera_obstructed", 159.0)])})
    assert [each.met for each in late if "obstruction" in each.goal] == [False]
    assert [each.met for each in soon if "obstruction" in each.goal] == [True]
