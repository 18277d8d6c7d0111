"""How well a detector did: what it told held against what happened, one to one, in time. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pivision.scenes.running import Told
from pivision.scenes.truth import Allowed, Expected, Topic, Truth

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Score:
    """Of one topic. `latencies_s`: how long after its beginning (of stock: after the last one had gone) it was told."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    latencies_s: tuple[float, ...] = ()

    @property
    def precision(self) -> float:
        """1 where nothing was told: nothing of it was wrong."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = 2 * self.right + self.missed + self.wrong
        return 2 * self.right / both if both else 1.0

    def latency_s(self, share: float) -> float | None:
        """The latency that this share of the right ones did not exceed; None when none was right."""
        ordered = sorted(self.latencies_s)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.right + other.right,
            self.missed + other.missed,
            self.wrong + other.wrong,
            self.latencies_s + other.latencies_s,
        )


@dataclass(frozen=True)
class Result:
    """Of one sequence or of many: a score by topic, what else was told, and how long it all was."""

    scores: tuple[tuple[Topic, Score], ...]
    other: int
    length_s: float

    def of(self, topic: Topic) -> Score:
        return dict(self.scores)[topic]

    @property
    def all(self) -> Score:
        return sum((score for _topic, score in self.scores), Score())

    @property
    def false_per_day(self) -> float:
        return self.all.wrong * _DAY_S / self.length_s if self.length_s else 0.0

    def __add__(self, other: "Result") -> "Result":
        both = tuple((topic, score + other.of(topic)) for topic, score in self.scores)
        return Result(both, self.other + other.other, self.length_s + other.length_s)


@dataclass(frozen=True)
class Mistake:
    """Something missed, or told without cause, to look at."""

    what: str  # "missed" or "wrong"
    topic: Topic
    at_s: float
    slot: str


NOTHING = Result(tuple((topic, Score()) for topic in Topic), 0, 0.0)


def score(truth: Truth, told: Iterable[Told]) -> Result:
    """What was told against what happened."""
    return judge(truth, told)[0]


def judge(truth: Truth, told: Iterable[Told]) -> tuple[Result, tuple[Mistake, ...]]:
    """The score, and each mistake. A thing told twice is right once and wrong once."""
    heard = sorted(told, key=lambda each: each.at_s)
    scores, mistakes = [], []
    for topic in Topic:
        about = [each for each in heard if each.topic is topic]
        pairs, missed, rest = _matched(truth.of(topic), about)
        wrong = [each for each in rest if not _is_allowed(truth.allowed, each)]
        scores.append((topic, Score(len(pairs), len(missed), len(wrong), tuple(_latency(*each) for each in pairs))))
        mistakes += [Mistake("missed", topic, each.begin_s, each.slot) for each in missed]
        mistakes += [Mistake("wrong", topic, each.at_s, each.slot) for each in wrong]
    other = sum(1 for each in heard if each.topic is None)
    return Result(tuple(scores), other, truth.length_s), tuple(mistakes)


def total(results: Iterable[Result]) -> Result:
    return sum(results, NOTHING)


def _matched(
    expected: tuple[Expected, ...], told: list[Told]
) -> tuple[list[tuple[Expected, Told]], list[Expected], list[Told]]:
    """Who closes first takes the first that fits: no other order matches more of windows that follow each other."""
    pairs: list[tuple[Expected, Told]] = []
    missed: list[Expected] = []
    rest = list(told)
    for each in sorted(expected, key=lambda one: (one.closes_s, one.opens_s)):
        fits = next((one for one in rest if each.opens_s <= one.at_s <= each.closes_s and _same(each, one)), None)
        if fits is None:
            missed.append(each)
        else:
            rest.remove(fits)
            pairs.append((each, fits))
    return pairs, missed, rest


def _same(expected: Expected | Allowed, told: Told) -> bool:
    return not expected.slot or not told.slot or expected.slot == told.slot


def _is_allowed(allowed: tuple[Allowed, ...], told: Told) -> bool:
    return any(
        each.topic is told.topic and each.begin_s <= told.at_s <= each.end_s and _same(each, told) for each in allowed
    )


def _latency(expected: Expected, told: Told) -> float:
    since = expected.end_s if expected.topic is Topic.STOCK else expected.begin_s
    return max(0.0, told.at_s - since)
