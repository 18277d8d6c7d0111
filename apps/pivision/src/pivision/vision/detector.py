"""The detector of one camera: frames in, findings out, and a state that can be put away and taken up again."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pivision.config import Region, Tuning
from pivision.vision.findings import Step

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Saved:
    """A detector put away: `body` is small and JSON, `arrays` are written as they are (numpy.savez)."""

    phase: str
    body: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)


class Detector:
    """Looks at the frames of one camera in their order.

    `tuning` and `regions` may be replaced between two frames with `retune`: that alone raises nothing.
    """

    def __init__(self, tuning: Tuning, regions: tuple[Region, ...], saved: Saved | None = None) -> None:
        raise NotImplementedError

    def step(self, grey: Grey, frame: int, at_s: float) -> Step:
        """What this frame shows. `grey` as `decode.grey` makes it, `at_s` seconds that never go back.

        The same `frame` again, or an earlier one, changes nothing and finds nothing.
        """
        raise NotImplementedError

    def retune(self, tuning: Tuning, regions: tuple[Region, ...]) -> None:
        """Go on with other settings."""
        raise NotImplementedError

    def save(self) -> Saved:
        """Everything that a detector made from it needs to go on as this one would."""
        raise NotImplementedError
