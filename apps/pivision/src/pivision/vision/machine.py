"""A visit from its first sign to its end: which phase comes next. Pure; the detector tells it what it saw."""

from dataclasses import dataclass, replace
from enum import StrEnum

from pivision.config import Tuning
from pivision.vision.findings import Phase

SLOW_S = 5.0  # frames that come less often than this: one is enough to begin a visit
FORGOTTEN_S = 2.0  # after a first sign without another one
LIES_STILL_S = 4.0  # after a movement without another one
_SHARE_IN_FULL = 1.8  # times the share of the region that the threshold asks for: such a frame counts in full
_WEAK = 0.6  # what a weaker one counts: a hand may never be more, but it stays
MOVES = 2  # frames: what changed once and lies still is a lamp, or a thing that fell
STAYS = 0.85  # of the threshold: less than that, and nobody is there any more


class Turn(StrEnum):
    """What a step brought besides its phase."""

    NOTHING = "nothing"
    BEGUN = "begun"
    ENDED = "ended"
    TOO_LONG = "too_long"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Seen:
    """What one frame showed. `onset`: score of what may begin a visit; `stay`: of what keeps one going."""

    frame: int
    at_s: float
    since_last_s: float
    onset: float
    stay: float
    gap: bool = False
    moves: bool = True  # what may begin a visit is not where it was a frame ago
    suspended: bool = False  # covered, moved, dark or a jump of the light: nothing may begin


@dataclass(frozen=True)
class Visit:
    """Where it stands. `frames` above the threshold so far, weak ones in part; `last_s`: of the last one.

    `moves`: frames in which something moved, from before it began on; `moved_s`: of the last one.
    """

    phase: Phase = Phase.IDLE
    frames: float = 0.0
    moves: int = 0
    moved_s: float = 0.0
    started_frame: int = 0
    started_s: float = 0.0
    last_s: float = 0.0
    peak: float = 0.0
    peak_frame: int = 0


def after(visit: Visit, seen: Seen, tuning: Tuning) -> tuple[Visit, Turn]:
    """The visit after this frame, and what is to be told."""
    running = visit.phase in (Phase.ACTIVE, Phase.SETTLING)
    if seen.gap or seen.suspended:
        return Visit(), Turn.INCOMPLETE if running else Turn.NOTHING
    if running:
        return _going_on(visit, seen, tuning)
    visit, slow = _moved(visit, seen), seen.since_last_s > SLOW_S
    nobody = Visit(moves=visit.moves, moved_s=visit.moved_s)
    if seen.onset < tuning.interaction_threshold:
        return (visit if seen.at_s - visit.last_s <= FORGOTTEN_S and visit.frames else nobody), Turn.NOTHING
    if not slow and not (visit.moves and seen.at_s - visit.moved_s <= LIES_STILL_S):
        return nobody, Turn.NOTHING
    if visit.phase is Phase.IDLE:
        visit = replace(nobody, phase=Phase.CANDIDATE, started_frame=seen.frame, started_s=seen.at_s)
    weight = 1.0 if seen.onset >= _in_full(tuning.interaction_threshold) else _WEAK
    visit = _raised(replace(visit, frames=visit.frames + weight, last_s=seen.at_s), seen.frame, seen.onset)
    needed = 1 if slow else tuning.interaction_min_frames
    if visit.frames >= needed and (slow or visit.moves >= min(needed, MOVES)):
        return replace(visit, phase=Phase.ACTIVE), Turn.BEGUN
    return visit, Turn.NOTHING


def _in_full(threshold: float) -> float:
    """The score of so many times the share, by the scores' own law: see `motion`."""
    return float(1 - (1 - threshold) ** _SHARE_IN_FULL)


def _moved(visit: Visit, seen: Seen) -> Visit:
    """Counts the frames in which something moved, one not long after the other."""
    if not seen.moves:
        return visit
    lately = seen.at_s - visit.moved_s <= max(LIES_STILL_S, 1.5 * seen.since_last_s)
    return replace(visit, moves=visit.moves + 1 if lately else 1, moved_s=seen.at_s)


def _going_on(visit: Visit, seen: Seen, tuning: Tuning) -> tuple[Visit, Turn]:
    score = max(seen.onset, seen.stay)
    if seen.at_s - visit.started_s > tuning.longest_interaction_s:
        return Visit(), Turn.TOO_LONG
    if score >= tuning.interaction_threshold * STAYS:
        return _raised(replace(visit, phase=Phase.ACTIVE, last_s=seen.at_s), seen.frame, score), Turn.NOTHING
    if seen.at_s - visit.last_s >= tuning.interaction_end_timeout_s:
        return Visit(), Turn.ENDED
    return replace(visit, phase=Phase.SETTLING), Turn.NOTHING


def _raised(visit: Visit, frame: int, score: float) -> Visit:
    return replace(visit, peak=score, peak_frame=frame) if score > visit.peak else visit
