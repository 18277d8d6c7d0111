"""What a check is and what it answers: a verdict with what was seen, and a command that mends it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.hosts.doctor.here import Here


class Verdict(StrEnum):
    """`WARNING`: it works, and somebody should look. `UNKNOWN`: this machine cannot tell, or not to us."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Said:
    """What a check says of one thing: an app, a unit, a path; "" for the host itself. `evidence` is a clause."""

    verdict: Verdict
    about: str
    evidence: str
    remedy: str = ""


@dataclass(frozen=True)
class Finding:
    """What was said, and by which check."""

    check: str
    about: str
    verdict: Verdict
    evidence: str
    remedy: str


@dataclass(frozen=True)
class Check:
    """A question to a host. `ask` has for its docstring what it means, the command that asked it by hand, and a remedy.

    `machine`: it makes no sense for a folder host. `root`: only root gets an answer. `quick`: asked every few minutes
    too, by a unit that may do little. After `limit_s` the answer is unknown.
    """

    name: str
    ask: "Callable[[Here], Iterable[Said]]"
    machine: bool = True
    root: bool = False
    quick: bool = False
    limit_s: float = 5.0


def ok(about: str, evidence: str) -> Said:
    return Said(Verdict.OK, about, evidence)


def warning(about: str, evidence: str, remedy: str) -> Said:
    return Said(Verdict.WARNING, about, evidence, remedy)


def failed(about: str, evidence: str, remedy: str) -> Said:
    return Said(Verdict.FAILED, about, evidence, remedy)


def unknown(about: str, why: str, remedy: str = "") -> Said:
    return Said(Verdict.UNKNOWN, about, why, remedy)
