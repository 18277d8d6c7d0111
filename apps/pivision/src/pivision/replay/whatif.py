"""What other settings would have found: the same pictures under both, or the stored scores alone. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pivision.config import Config, Tuning
from pivision.replay.running import Event, Run, replay
from pivision.replay.shots import Shot
from pivision.vision import machine
from pivision.vision.findings import Kind

_GAP_INTERVALS = 3.0  # so many times the usual interval without a picture ends a visit
_SAME_S = 5.0


@dataclass(frozen=True)
class Comparison:
    """What was found with the settings in force and with the proposed ones; `both`: in both of them."""

    before: tuple[Event, ...]
    after: tuple[Event, ...]
    run: Run | None = None  # with the proposed ones, for the score strip

    @property
    def both(self) -> tuple[Event, ...]:
        return tuple(each for each in self.after if _twin(each, self.before))

    @property
    def gained(self) -> tuple[Event, ...]:
        return tuple(each for each in self.after if not _twin(each, self.before))

    @property
    def lost(self) -> tuple[Event, ...]:
        return tuple(each for each in self.before if not _twin(each, self.after))


@dataclass(frozen=True)
class Scored:
    """What was measured in a picture that may be gone: `capture.scores`, as the worker stored them."""

    number: int
    at_s: float
    scores: Mapping[str, float]


def of_pictures(shots: Iterable[Shot], in_force: Config, proposed: Config) -> Comparison:
    """Both configurations over the same pictures, which are held in memory meanwhile."""
    held = list(shots)
    after = replay(held, proposed)
    return Comparison(replay(held, in_force).events, after.events, after)


def of_scores(rows: Iterable[Scored], in_force: Tuning, proposed: Tuning) -> Comparison:
    """Both thresholds over stored scores: where pictures are gone, or to answer while a slider moves.

    Visits begin and end by the detector's own rule. Scores depend on the regions they were measured in: a change of
    regions is not judged here. A slot counts as changed where its stored score reaches the threshold.
    """
    held = sorted(rows, key=lambda each: each.at_s)
    return Comparison(by_scores(held, in_force), by_scores(held, proposed))


def by_scores(rows: list[Scored], tuning: Tuning) -> tuple[Event, ...]:
    """The visits and changes that these thresholds see in the scores."""
    found: list[Event] = []
    visit, open_visit = machine.Visit(), None
    usual_s = _usual(rows)
    last_s: float | None = None
    over: frozenset[str] = frozenset()
    for row in rows:
        since_s = usual_s if last_s is None else row.at_s - last_s
        last_s = row.at_s
        motion = row.scores.get("motion", 0.0)
        stays = row.scores.get("background", motion)
        gap = since_s > _GAP_INTERVALS * max(usual_s, machine.SLOW_S)
        visit, turn = machine.after(visit, machine.Seen(row.number, row.at_s, since_s, motion, stays, gap), tuning)
        if turn is machine.Turn.BEGUN:
            open_visit = len(found)
            found.append(_visit(visit, row.at_s))
        elif turn is not machine.Turn.NOTHING and open_visit is not None:
            found[open_visit] = _ended(found[open_visit], row.at_s)
            open_visit = None
        changes = _changes(row, tuning, observed=turn is machine.Turn.ENDED)
        found += [each for each in changes if each.slot not in over]  # told once, while it stays so
        over = frozenset(each.slot for each in changes)
    return tuple(found)


def _visit(visit: machine.Visit, at_s: float) -> Event:
    return Event(Kind.INTERACTION, "", visit.started_s, at_s, None, min(1.0, visit.peak))


def _ended(event: Event, at_s: float) -> Event:
    return Event(event.kind, event.slot, event.started_s, event.told_s, at_s, event.confidence)


def _changes(row: Scored, tuning: Tuning, *, observed: bool) -> list[Event]:
    found = []
    for name, score in row.scores.items():
        kind, _, slot = name.partition(":")
        if kind == "stock" and score >= tuning.inventory_change_threshold:
            at = row.at_s
            found.append(
                Event(
                    Kind.STOCK_CHANGED,
                    slot,
                    at,
                    at,
                    at,
                    min(1.0, score),
                    post=row.number,
                    observed_interaction=observed,
                )
            )
    return found


def _usual(rows: list[Scored]) -> float:
    gaps = sorted(later.at_s - row.at_s for row, later in pairwise(rows))
    return gaps[len(gaps) // 2] if gaps else 0.5


def _twin(event: Event, others: tuple[Event, ...]) -> bool:
    return any(
        each.kind is event.kind and each.slot == event.slot and abs(each.started_s - event.started_s) <= _SAME_S
        for each in others
    )
