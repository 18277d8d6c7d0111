"""What the detector says of each frame: its contract with the worker, the replay and the scorer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """Where a visit stands."""

    IDLE = "idle"
    CANDIDATE = "candidate"
    ACTIVE = "active"
    SETTLING = "settling"


class Kind(StrEnum):
    """What can be noticed in pictures; `camera_offline` and `camera_online` are the worker's."""

    INTERACTION = "interaction_detected"
    STOCK_CHANGED = "stock_changed"
    RESTOCKED = "restocked"
    EMPTY_CONFIRMED = "empty_confirmed"
    OBSTRUCTED = "camera_obstructed"
    SHIFTED = "scene_shifted"
    DARK = "camera_dark"


class Moment(StrEnum):
    """A finding begins, and one that lasts also ends; STOCK_CHANGED is both at once (ENDED)."""

    BEGUN = "begun"
    ENDED = "ended"


@dataclass(frozen=True)
class Finding:
    """Something to tell. Frames are named by what `step` was given as `frame` (a capture's id).

    ENDED has the same `kind`, `started_frame` and `started_s` as its BEGUN. `details` is small and JSON:
    thresholds used, scores, baseline age, stability count, and a short trace of the decision.
    """

    kind: Kind
    moment: Moment
    started_frame: int
    started_s: float
    at_s: float
    confidence: float
    slot: str = ""
    pre: int | None = None
    during: int | None = None
    post: int | None = None
    observed_interaction: bool | None = None
    summary: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one frame brought. `scores` is what the score strip shows: motion, its two parts, stock by slot, health.

    `keep`: frames whose pictures are still needed (pre candidate, peak, post candidates); all others may go.
    `burst`: more frames, quickly, are wanted now.
    """

    phase: Phase
    scores: Mapping[str, float]
    findings: tuple[Finding, ...] = ()
    keep: frozenset[int] = frozenset()
    burst: bool = False
    stable: bool = True
    comparable: bool = True  # False after a gap, a jump of the light, a moved camera: nothing was concluded
