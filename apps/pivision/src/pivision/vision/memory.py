"""All that a detector remembers from frame to frame, and how it is put away and taken up again. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pivision.vision.findings import Phase
from pivision.vision.health import Watch
from pivision.vision.machine import Visit

Grey = npt.NDArray[np.uint8]
_VERSION = 1
_ARRAYS = ("background", "noise", "shown", "allowed", "home", "previous", "moved_s")


@dataclass(frozen=True)
class Kept:
    """A quiet frame that may become a picture of before or after."""

    frame: int
    at_s: float
    picture: Grey


@dataclass
class Memory:
    """Changed in place, frame by frame. `shown` and `allowed` are the background and its tolerance as bytes."""

    background: npt.NDArray[np.float32]
    noise: npt.NDArray[np.float32]
    shown: Grey
    allowed: Grey
    home: Grey
    previous: Grey
    moved_s: npt.NDArray[np.float64]  # per cell: when it last moved
    last_frame: int
    last_s: float
    usual_s: float = 0.5
    interval_s: float = 0.5  # between the last two frames
    steps: int = 1
    home_s: float = 0.0
    looked_s: float = 0.0
    differs_since_s: float = -1.0  # something quiet is there that the background has not
    visited: bool = False  # since the frames of before were taken
    returned: bool = False  # no pictures came for a while since then: who knows who was there
    visit_frame: int = 0
    visit_s: float = 0.0
    peak_frame: int = 0
    jumped: int = 0  # frames since the light jumped, 0: it did not
    lit_s: float = -1.0e9  # when there was day last
    capped: bool = False  # it is black, and was day just before
    settled_s: float = 0.0  # since when the view of a moved camera has been the same
    shifted_x: float = 0.0
    shifted_y: float = 0.0
    shifted_degrees: float = 0.0
    visit: Visit = field(default_factory=Visit)
    covered: Watch = field(default_factory=Watch)
    shifted: Watch = field(default_factory=Watch)
    dark: Watch = field(default_factory=Watch)
    pre: list[Kept] = field(default_factory=list)
    post: list[Kept] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """What is small, as JSON."""
        plain = {
            name: value
            for name, value in vars(self).items()
            if name not in _ARRAYS and isinstance(value, bool | int | float)
        }
        parts = {name: asdict(getattr(self, name)) for name in ("visit", "covered", "shifted", "dark")}
        quiet = {name: [[each.frame, each.at_s] for each in getattr(self, name)] for name in ("pre", "post")}
        return {"version": _VERSION, **plain, **parts, **quiet}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is large, as copies."""
        found: dict[str, npt.NDArray[Any]] = {name: np.array(getattr(self, name)) for name in _ARRAYS}
        for name in ("pre", "post"):
            for index, each in enumerate(getattr(self, name)):
                found[f"{name}{index}"] = each.picture.copy()
        return found


def taken_up(body: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Memory | None:
    """The memory that was put away; None when it is of another release, or not whole: then the detector begins anew."""
    if body.get("version") != _VERSION or any(name not in arrays for name in _ARRAYS):
        return None
    rest = {name: value for name, value in body.items() if name != "version"}
    visit = rest.pop("visit")
    watches = {name: Watch(**rest.pop(name)) for name in ("covered", "shifted", "dark")}
    quiet: dict[str, list[Kept]] = {}
    for name in ("pre", "post"):
        stamps = rest.pop(name)
        if any(f"{name}{index}" not in arrays for index in range(len(stamps))):
            return None
        quiet[name] = [
            Kept(int(frame), float(at_s), arrays[f"{name}{index}"].copy()) for index, (frame, at_s) in enumerate(stamps)
        ]
    parts: dict[str, Any] = {name: arrays[name].copy() for name in _ARRAYS}
    parts.update(rest, **watches, **quiet, visit=Visit(**{**visit, "phase": Phase(visit["phase"])}))
    return Memory(**parts)
