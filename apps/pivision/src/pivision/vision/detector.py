"""The detector of one camera: frames in, findings out, and a state that can be put away and taken up again."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pivision.config import Region, Tuning
from pivision.vision import health, light, machine, motion, stock, telling, watching
from pivision.vision.findings import Finding, Phase, Step
from pivision.vision.learning import learn, learn_where, rebase
from pivision.vision.machine import Seen, Turn
from pivision.vision.masks import Masks, grid_of, masks_of
from pivision.vision.memory import Kept, Memory, taken_up
from pivision.vision.sights import Sight, sight_of

Grey = npt.NDArray[np.uint8]

_GAP_TIMES = 3.0  # of the usual interval
_SHORTEST_GAP_S = 15.0
_LONGEST_USUAL_S = 90.0
_QUIET_FRAMES = 5  # kept of before and of after
_UNSEEN_GAP_S = 600.0  # without pictures: not longer, and goods are compared with before; then the light is another
_UNSEEN_S = 6.0  # that goods differ without a visitor before it is told
_NEW_STEPS, _NEW_S, _NEW_RATE = 12, 6.0, 0.15  # a detector that begins learns quickly, and tells no visits
_TOO_MANY = 3  # slots that differ at once though nobody was seen: that was the light
_LIGHT_ALONE = 4.0  # times the rate, where only the light is another
_LIT_EVERY = 2  # idle frames: a look at the light is quick, not free
_NOTHING_SEEN: dict[str, float] = {"motion": 0.0, "background": 0.0, "frame": 0.0}


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
        self._tuning = tuning
        self._regions = regions
        self._memory = taken_up(saved.body, saved.arrays) if saved is not None else None
        self._masks: Masks | None = None
        self._view: health.View | None = None

    def step(self, grey: Grey, frame: int, at_s: float) -> Step:
        """What this frame shows. `grey` as `decode.grey` makes it, `at_s` seconds that never go back.

        The same `frame` again, or an earlier one, changes nothing and finds nothing.
        """
        memory = self._memory
        if memory is None or memory.shown.shape != grey.shape:
            return self._begin(grey, frame, at_s)
        if frame <= memory.last_frame:
            return Step(memory.visit.phase, _NOTHING_SEEN, keep=_needed(memory), burst=_wants_more(memory))
        since_s = max(0.0, at_s - memory.last_s)
        gap = since_s > max(_SHORTEST_GAP_S, _GAP_TIMES * memory.usual_s)
        memory.usual_s = max(0.99 * memory.usual_s, min(since_s, _LONGEST_USUAL_S))
        memory.last_frame, memory.last_s = frame, at_s
        memory.steps += 1
        blind = since_s > max(machine.SLOW_S, _GAP_TIMES * memory.interval_s)
        memory.returned = memory.returned or (blind and since_s <= _UNSEEN_GAP_S)
        memory.interval_s = since_s
        even = light.matched(grey, memory.shown)
        looked = at_s - memory.looked_s < watching.IDLE_LOOK_S
        if looked and not gap and _is_idle(memory) and not motion.differs(even, memory.shown, memory.allowed):
            return self._idle(memory, grey, since_s)
        return self._second_look(memory, grey, since_s, gap)

    def retune(self, tuning: Tuning, regions: tuple[Region, ...]) -> None:
        """Go on with other settings."""
        if regions != self._regions:
            self._masks = None
        self._tuning, self._regions = tuning, regions

    def save(self) -> Saved:
        """Everything that a detector made from it needs to go on as this one would."""
        if self._memory is None:
            return Saved(Phase.IDLE, {})
        return Saved(self._memory.visit.phase, self._memory.body(), self._memory.arrays())

    def _begin(self, grey: Grey, frame: int, at_s: float) -> Step:
        noise = np.full(grey.shape, motion.first_guess_of_noise(grey), np.float32)
        self._masks, self._view = None, None
        self._memory = Memory(
            background=grey.astype(np.float32),
            noise=noise,
            shown=grey.copy(),
            allowed=motion.tolerance(grey, noise),
            home=grey.copy(),
            previous=grey.copy(),
            moved_s=np.full(grid_of((grey.shape[0], grey.shape[1])), at_s - 1000.0),
            last_frame=frame,
            last_s=at_s,
            home_s=at_s,
            looked_s=at_s,
            pre=[Kept(frame, at_s, grey.copy())],
        )
        return Step(Phase.IDLE, _NOTHING_SEEN, keep=frozenset({frame}), comparable=False)

    def _idle(self, memory: Memory, grey: Grey, since_s: float) -> Step:
        learn(memory, grey, self._rate(since_s))
        memory.previous = grey
        if memory.steps % _LIT_EVERY == 0 and health.is_lit(grey, memory.shown):
            memory.lit_s = memory.last_s
        memory.pre = _with(memory.pre, memory, grey)
        return Step(Phase.IDLE, _NOTHING_SEEN, keep=_needed(memory))

    def _rate(self, since_s: float) -> float:
        return min(0.5, self._tuning.baseline_update_rate * max(1.0, since_s / 0.5))

    def _second_look(self, memory: Memory, grey: Grey, since_s: float, gap: bool) -> Step:
        masks = self._masks_for(memory)
        if not memory.shifted.told:
            grey = health.steadied(grey, self._view_of(memory).flat)
        sight = sight_of(memory, grey, masks, since_s)
        if health.is_lit(grey, memory.shown):
            memory.lit_s = memory.last_s
        findings = watching.look_after(memory, grey, sight, self._view_of(memory), self._tuning)
        comes_or_goes = memory.shifted.since_s >= 0 and (not memory.shifted.told or memory.shifted.good_since_s >= 0)
        trouble = memory.covered.since_s >= 0 or comes_or_goes
        running = memory.visit.phase in (Phase.ACTIVE, Phase.SETTLING)
        is_new = memory.steps <= _NEW_STEPS and memory.last_s - memory.home_s <= _NEW_S
        if is_new:
            learn_where(memory, grey, _NEW_RATE, sight.against_background, masks)
        suspended = (
            (memory.jumped > 0 and not running) or memory.covered.told or memory.dark.told or (trouble and not running)
        )
        suspended = suspended or is_new
        seen = Seen(
            memory.last_frame,
            memory.last_s,
            since_s,
            sight.onset,
            sight.stay,
            gap=gap,
            moves=sight.moves,
            suspended=suspended,
        )
        before = memory.visit
        memory.visit, turn = machine.after(before, seen, self._tuning)
        findings += self._tell_visit(memory, before, turn, sight)
        if memory.visit.phase is Phase.IDLE or memory.visit.phase is Phase.SETTLING:
            findings += self._settle(memory, grey, sight, since_s, suspended=suspended)
        else:
            memory.post = []
            memory.differs_since_s = -1.0
        memory.previous = grey
        return Step(
            memory.visit.phase,
            sight.scores,
            tuple(findings),
            keep=_needed(memory),
            burst=_wants_more(memory),
            stable=sight.is_quiet,
            comparable=not (gap or suspended),
        )

    def _masks_for(self, memory: Memory) -> Masks:
        if self._masks is None:
            self._masks = masks_of(self._regions, (memory.shown.shape[0], memory.shown.shape[1]))
        return self._masks

    def _view_of(self, memory: Memory) -> health.View:
        if self._view is None or self._view.picture is not memory.home:
            self._view = health.view_of(memory.home)
        return self._view

    def _tell_visit(self, memory: Memory, before: machine.Visit, turn: Turn, sight: Sight) -> list[Finding]:
        if turn is Turn.BEGUN:
            memory.visited = True
            memory.visit_frame, memory.visit_s = memory.visit.started_frame, memory.visit.started_s
        if memory.visit.phase is Phase.ACTIVE:
            memory.peak_frame = memory.visit.peak_frame
        return telling.of_visit(memory, before, turn, self._tuning)

    def _settle(self, memory: Memory, grey: Grey, sight: Sight, since_s: float, *, suspended: bool) -> list[Finding]:
        if suspended or not sight.is_quiet or sight.is_present or memory.visit.phase is Phase.CANDIDATE:
            memory.post = []
            if memory.visit.phase is Phase.IDLE and not suspended:
                learn_where(memory, grey, self._rate(since_s), sight.against_background, self._masks_for(memory))
            return []
        unknown = memory.visited or memory.returned
        if not unknown and not sight.differs:
            memory.post, memory.differs_since_s = [], -1.0
            rate = self._rate(since_s)
            learn(memory, grey, rate if sight.against_background.any() else min(0.5, _LIGHT_ALONE * rate))
            memory.pre = _with(memory.pre, memory, grey)
            return []
        if memory.differs_since_s < 0 or not memory.post:
            memory.differs_since_s = memory.last_s
        memory.post = _with(memory.post, memory, grey)
        wanted_s = min(3.0, self._tuning.interaction_end_timeout_s) if unknown else _UNSEEN_S
        settled = len(memory.post) >= self._tuning.stability_frames_required
        if memory.visit.phase is not Phase.IDLE or not settled or memory.last_s - memory.differs_since_s < wanted_s:
            return []
        return self._compare(memory, sight.scores)

    def _compare(self, memory: Memory, scores: dict[str, float]) -> list[Finding]:
        masks = self._masks_for(memory)
        pre, post = (stock.typical([each.picture for each in some]) for some in (memory.pre, memory.post))
        unknown = memory.visited or memory.returned
        changes = () if memory.shifted.told else stock.compare(pre, post, memory.noise, masks, visited=unknown)
        if not memory.visited and len(changes) >= _TOO_MANY:
            changes = ()
        for change in changes:
            scores[f"stock:{change.slot}"] = change.score
        findings = telling.of_stock(memory, changes, self._tuning)
        quiet = memory.post
        rebase(memory, post)
        memory.pre = quiet
        return findings


def _is_idle(memory: Memory) -> bool:
    return (
        memory.visit.phase is Phase.IDLE
        and not memory.visited
        and not memory.returned
        and memory.jumped == 0
        and memory.differs_since_s < 0
        and memory.covered.since_s < 0
        and memory.shifted.since_s < 0
        and memory.dark.since_s < 0
    )


def _with(some: list[Kept], memory: Memory, grey: Grey) -> list[Kept]:
    return [*some[-(_QUIET_FRAMES - 1) :], Kept(memory.last_frame, memory.last_s, grey)]


def _needed(memory: Memory) -> frozenset[int]:
    wanted = [each.frame for each in memory.pre[-1:]] + [each.frame for each in memory.post]
    if memory.visit.phase is not Phase.IDLE or memory.visited:
        wanted += [memory.visit_frame, memory.visit.started_frame, memory.visit.peak_frame, memory.peak_frame]
    return frozenset(each for each in wanted if each > 0)


def _wants_more(memory: Memory) -> bool:
    return memory.visit.phase is not Phase.IDLE or memory.visited or bool(memory.post)
