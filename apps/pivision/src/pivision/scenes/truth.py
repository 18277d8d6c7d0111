"""What really happened in a sequence: what a detector has to say, and what it may say without harm. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What is scored. `stock` is a changed slot, whichever way it changed."""

    INTERACTION = "interaction"
    STOCK = "stock"
    OBSTRUCTED = "obstructed"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class Expected:
    """Has to be told between `earliest_s` (None: `begin_s` - 1 s) and `end_s` + `tolerance_s`, once.

    `slot` is "" where none is meant.
    """

    topic: Topic
    begin_s: float
    end_s: float
    tolerance_s: float
    slot: str = ""
    earliest_s: float | None = None

    @property
    def opens_s(self) -> float:
        return self.begin_s - 1 if self.earliest_s is None else self.earliest_s

    @property
    def closes_s(self) -> float:
        return self.end_s + self.tolerance_s


@dataclass(frozen=True)
class Allowed:
    """Telling it in this time is neither right nor wrong: a hand that covers the lens is a visit, too."""

    topic: Topic
    begin_s: float
    end_s: float
    slot: str = ""


@dataclass(frozen=True)
class Truth:
    """Everything about one sequence that lasts `length_s`."""

    length_s: float
    expected: tuple[Expected, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    def of(self, topic: Topic) -> tuple[Expected, ...]:
        return tuple(each for each in self.expected if each.topic == topic)
