"""A visit from its first sign to its end: which phase comes next. Pure; the detector tells it what it saw."""

from dataclasses import dataclass, replace
from enum import StrEnum

from pivision.config import Tuning
from pivision.vision.findings import Phase

SLOW_S = 5.0  # frames that come less often than this: one is enough to begin a visit
FORGOTTEN_S = 2.0  # after a first sign without another one
STAYS = 0.5  # of the threshold: less than that, and nobody is there any more


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
    suspended: bool = False  # covered, moved, dark or a jump of the light: nothing may begin


@dataclass(frozen=True)
class Visit:
    """Where it stands. `frames` above the threshold so far, of a candidate; `last_s`: of the last one."""

    phase: Phase = Phase.IDLE
    frames: int = 0
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
    if seen.onset < tuning.interaction_threshold:
        return (visit if seen.at_s - visit.last_s <= FORGOTTEN_S and visit.frames else Visit()), Turn.NOTHING
    if visit.phase is Phase.IDLE:
        visit = Visit(Phase.CANDIDATE, 0, seen.frame, seen.at_s)
    visit = _raised(replace(visit, frames=visit.frames + 1, last_s=seen.at_s), seen.frame, seen.onset)
    needed = 1 if seen.since_last_s > SLOW_S else tuning.interaction_min_frames
    if visit.frames >= needed:
        return replace(visit, phase=Phase.ACTIVE), Turn.BEGUN
    return visit, Turn.NOTHING


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
