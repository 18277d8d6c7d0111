"""Looking after the camera itself, frame by frame: covered, dark, moved, or in another light. Changes the memory."""

import numpy as np
import numpy.typing as npt

from pivision.config import Tuning
from pivision.vision import health, telling
from pivision.vision.findings import Finding, Phase
from pivision.vision.learning import rebase
from pivision.vision.memory import Memory
from pivision.vision.sights import Sight

Grey = npt.NDArray[np.uint8]

IDLE_LOOK_S = 30.0  # lens fog and dirt come slowly
NEW_HOME_S = 600.0  # a camera that has been moved and stays so keeps its new view
_DIFFERS = 0.15  # of the picture: reason to look
_JUMP_SHARE = 0.4  # of the picture differs at once, and its edges are where they were
_JUMP_FRAMES = 3


def look_after(memory: Memory, grey: Grey, sight: Sight, view: health.View, tuning: Tuning) -> list[Finding]:
    """What this frame says of the camera. A jump of the light, or a moved camera, makes a new background."""
    at_s = memory.last_s
    troubled = any(each.since_s >= 0 for each in (memory.covered, memory.shifted, memory.dark))
    if sight.whole < _DIFFERS and not troubled and memory.jumped == 0 and at_s - memory.looked_s < IDLE_LOOK_S:
        return []
    memory.looked_s = at_s
    look = health.look(grey, view)
    sight.scores["view"] = look.kept
    is_shifted = _is_shifted(memory, grey, sight, view, look)
    _after_jump(memory, grey, sight, look, is_shifted=is_shifted)
    sudden = at_s - memory.lit_s <= max(health.CAP_TAKES_S, 1.5 * memory.usual_s)
    memory.capped = look.is_dark and (memory.capped or (memory.dark.since_s < 0 and sudden))
    is_covered = (look.is_covered or memory.capped) and not is_shifted
    findings = _watched("dark", memory, look, tuning.obstruction_after_s, is_wrong=look.is_dark and not memory.capped)
    findings += _watched("covered", memory, look, tuning.obstruction_after_s, is_wrong=is_covered)
    if _keeps_its_view(memory, grey, sight):
        findings += telling.of_camera("shifted", memory.shifted, "kept", memory, look)
        memory.shifted = health.Watch()
        rebase(memory, grey, home=True)
        return findings
    moved = _watched("shifted", memory, look, tuning.shift_after_s, is_wrong=is_shifted)
    if moved:
        memory.settled_s = at_s
        rebase(memory, grey)
    return findings + moved


def _watched(what: str, memory: Memory, look: health.Look, after_s: float, *, is_wrong: bool) -> list[Finding]:
    before: health.Watch = getattr(memory, what)
    watch, turn = health.watched(before, is_wrong, memory.last_frame, memory.last_s, after_s)
    setattr(memory, what, watch)
    return telling.of_camera(what, before if turn == "ended" else watch, turn, memory, look)


def _after_jump(memory: Memory, grey: Grey, sight: Sight, look: health.Look, *, is_shifted: bool) -> None:
    running = memory.visit.phase in (Phase.ACTIVE, Phase.SETTLING)
    jumped = look.is_same_view and sight.whole >= _JUMP_SHARE and (sight.is_quiet or not running)
    if jumped and not is_shifted:
        memory.jumped += 1
    if memory.jumped and (not jumped or memory.jumped > _JUMP_FRAMES):
        rebase(memory, grey, home=jumped and look.fits)
        memory.jumped = 0


def _is_shifted(memory: Memory, grey: Grey, sight: Sight, view: health.View, look: health.Look) -> bool:
    told, differs = memory.shifted.told, sight.whole >= _DIFFERS
    if told and not look.is_same_view:
        return True
    if not look.is_dark and (not look.fits or (differs and not told)) and (sight.is_quiet or told):
        found = health.shifted(grey, view, look)
        if found is not None:
            memory.shifted_x, memory.shifted_y, memory.shifted_degrees = found.x, found.y, found.degrees
        return found is not None or (told and differs)  # somebody stands before it
    return memory.shifted.since_s >= 0 and not told and differs


def _keeps_its_view(memory: Memory, grey: Grey, sight: Sight) -> bool:
    """Whether a moved camera has looked where it looks now for so long that it will go on doing so.

    When the view is no longer the one that it had after it was moved, the time begins anew.
    """
    waited = memory.shifted.told and memory.last_s - memory.settled_s >= NEW_HOME_S
    if not waited or not sight.is_quiet or sight.is_present or memory.visit.phase is not Phase.IDLE:
        return False
    if memory.covered.since_s >= 0 or memory.dark.since_s >= 0:
        return False
    if health.look(grey, health.view_of(memory.shown)).fits:
        return True
    memory.settled_s = memory.last_s
    rebase(memory, grey)
    return False
