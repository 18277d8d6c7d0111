"""What a detector learns from quiet frames: the empty scene, and how restless each place is. Changes its memory."""

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light, motion
from pivision.vision.masks import Masks
from pivision.vision.memory import Kept, Memory

Grey = npt.NDArray[np.uint8]

_REFRESH = 8  # frames between two computations of the tolerance
_NOISE_EVERY = 3  # frames
_USUAL_NOISE, _MOST_NOISE = 3.0, 12.0  # times the noise, and grey levels


def learn(memory: Memory, grey: Grey, rate: float) -> None:
    """Take `rate` of this frame, in which nothing is, into the background. `memory.previous` is the one before it."""
    cv2.accumulateWeighted(grey, memory.background, rate)
    if memory.steps % _NOISE_EVERY == 0:
        off = cv2.absdiff(light.matched(grey, memory.previous), memory.previous)
        cv2.accumulateWeighted(cv2.min(off, _usual(memory)), memory.noise, rate)
    _refresh(memory)


def learn_where(memory: Memory, grey: Grey, rate: float, restless: npt.NDArray[np.bool_], masks: Masks) -> None:
    """Learn the background where nothing is, and that it is restless where something moves that is no visitor."""
    size = (masks.shape[1], masks.shape[0])
    moving = np.asarray(cv2.resize(restless.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.uint8)
    calm = 1 - moving
    cv2.accumulateWeighted(grey, memory.background, rate, mask=calm)
    off = cv2.absdiff(light.matched(grey, memory.previous), memory.previous)
    cv2.accumulateWeighted(off, memory.noise, rate, mask=moving)
    cv2.accumulateWeighted(cv2.min(off, _usual(memory)), memory.noise, rate, mask=calm)
    _refresh(memory)


def _usual(memory: Memory) -> Grey:
    """The most that a quiet pixel changes from frame to frame: what is more is light, and no noise."""
    most = cv2.convertScaleAbs(memory.noise, alpha=_USUAL_NOISE, beta=2)
    return np.asarray(cv2.threshold(most, _MOST_NOISE, 0, cv2.THRESH_TRUNC)[1], np.uint8)


def _refresh(memory: Memory) -> None:
    if memory.steps % _REFRESH == 0:
        memory.shown = np.asarray(cv2.convertScaleAbs(memory.background), np.uint8)
        memory.allowed = motion.tolerance(memory.shown, memory.noise)


def rebase(memory: Memory, picture: Grey, *, home: bool = False) -> None:
    """Take this picture for the empty scene from now on; with `home`, for the view that the camera should have, too."""
    memory.background = picture.astype(np.float32)
    memory.shown = picture.copy()
    memory.allowed = motion.tolerance(picture, memory.noise)
    if home:
        memory.home, memory.home_s = picture.copy(), memory.last_s
    memory.pre = [Kept(memory.last_frame, memory.last_s, picture.copy())]
    memory.post = []
    memory.differs_since_s = -1.0
    memory.visited = memory.returned = False
