"""The phases of a visit, as a table: what was seen, and what came of it."""

import pytest

from pivision.config import Tuning
from pivision.vision.findings import Phase
from pivision.vision.machine import Seen, Turn, Visit, after

TUNING = Tuning(
    interaction_threshold=0.3, interaction_min_frames=2, interaction_end_timeout_s=5, longest_interaction_s=60
)


def _played(scores: list[float], every_s: float = 0.5, **kinds: int) -> list[tuple[Phase, Turn]]:
    """The phases and turns of these scores; `gap=3` means that the fourth frame came after a gap."""
    visit, found = Visit(), []
    for index, score in enumerate(scores):
        marks = {name: index == at for name, at in kinds.items()}
        seen = Seen(index + 1, index * every_s, every_s, score, score, **marks)
        visit, turn = after(visit, seen, TUNING)
        found.append((visit.phase, turn))
    return found


def _turns(played: list[tuple[Phase, Turn]]) -> list[Turn]:
    return [turn for _phase, turn in played if turn is not Turn.NOTHING]


@pytest.mark.parametrize(
    ("scores", "every_s", "turns"),
    [
        ([0.0] * 20, 0.5, []),
        ([0.9] + [0.0] * 20, 0.5, []),
        ([0.9, 0.9], 0.5, [Turn.BEGUN]),
        ([0.9, 0.1, 0.9], 0.5, [Turn.BEGUN]),
        ([0.9] + [0.1] * 6 + [0.9], 0.5, []),
        ([0.9, 0.9] + [0.0] * 9, 0.5, [Turn.BEGUN]),
        ([0.9, 0.9] + [0.0] * 11, 0.5, [Turn.BEGUN, Turn.ENDED]),
        ([0.9, 0.9] + [0.26] * 30, 0.5, [Turn.BEGUN]),
        ([0.9, 0.9] + [0.1] * 8 + [0.9] + [0.1] * 11, 0.5, [Turn.BEGUN, Turn.ENDED]),
        ([0.9] * 125, 0.5, [Turn.BEGUN, Turn.TOO_LONG, Turn.BEGUN]),
        ([0.4] * 3, 0.5, []),
        ([0.4] * 4, 0.5, [Turn.BEGUN]),
        ([0.4, 0.9, 0.4], 0.5, [Turn.BEGUN]),
        ([0.29] * 40, 0.5, []),
        ([0.9, 0.9], 4.5, [Turn.BEGUN]),
        ([0.9], 30.0, [Turn.BEGUN]),
        ([0.9, 0.0], 30.0, [Turn.BEGUN, Turn.ENDED]),
        ([0.9], 5.0, []),
    ],
)
def test_a_visit_goes_its_way(scores: list[float], every_s: float, turns: list[Turn]) -> None:
    assert _turns(_played(scores, every_s)) == turns


def test_the_phases_come_in_their_order() -> None:
    phases = [phase for phase, _turn in _played([0.0, 0.9, 0.9, 0.0, *[0.0] * 10])]
    assert phases[:4] == [Phase.IDLE, Phase.CANDIDATE, Phase.ACTIVE, Phase.SETTLING]
    assert phases[-1] is Phase.IDLE


@pytest.mark.parametrize("what", ["gap", "suspended"])
def test_a_gap_or_a_covered_camera_ends_a_visit_as_incomplete_and_begins_none(what: str) -> None:
    assert _turns(_played([0.9, 0.9, 0.9], **{what: 2})) == [Turn.BEGUN, Turn.INCOMPLETE]
    assert _turns(_played([0.9, 0.9], **{what: 1})) == []


def test_what_changed_once_and_lies_still_begins_no_visit_until_something_moves() -> None:
    visit, found = Visit(), []
    for index in range(60):
        seen = Seen(index + 1, index * 0.5, 0.5, 0.9, 0.9, moves=index in (0, 40, 42))
        visit, turn = after(visit, seen, TUNING)
        found.append(turn)
    assert [index for index, turn in enumerate(found) if turn is Turn.BEGUN] == [42]


def test_what_moved_before_it_was_seen_against_the_empty_scene_counts_for_the_visit() -> None:
    visit, found = Visit(), []
    for index, onset in enumerate([0.0, 0.0, 0.0, 0.9, 0.9]):
        visit, turn = after(visit, Seen(index + 1, index * 0.5, 0.5, onset, onset, moves=index < 2), TUNING)
        found.append(turn)
    assert found[-1] is Turn.BEGUN
