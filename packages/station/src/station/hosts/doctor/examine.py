"""Ask all checks, side by side, each within its time; what fails in one stops no other."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, Queue

from station.errors import StationError
from station.hosts.doctor.check import Check, Finding, Said, unknown
from station.hosts.doctor.here import Here

AT_ONCE = 4
_TICK_S = 0.05
Answered = Callable[[Check, list[Said]], None]


@dataclass(frozen=True)
class Examined:
    """Everything that was found, in the order of the checks. `left_out`: checks that make no sense for this host."""

    host: str
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...]
    took_s: float


@dataclass
class _Running:
    check: Check
    thread: threading.Thread
    began_s: float = field(default_factory=time.monotonic)


def examine(here: Here, checks: Sequence[Check], tell: Callable[[str, int, int], None]) -> Examined:
    """The answers of all checks. `tell` hears the name of each that begins, how many are done and how many there are.

    A check that does not end in time is left behind in its thread; its answer is unknown.
    """
    began_s = time.monotonic()
    asked = [check for check in checks if here.host.address or not check.machine]
    waiting, running = list(asked), dict[str, _Running]()
    said: dict[str, list[Said]] = {}
    answers: Queue[tuple[str, list[Said]]] = Queue()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            check = waiting.pop(0)
            tell(check.name, len(said), len(asked))
            thread = threading.Thread(target=_ask, args=(check, here, answers), name=check.name, daemon=True)
            running[check.name] = _Running(check, thread)
            thread.start()
        for name, many in _answers(answers):
            if running.pop(name, None) is not None:
                said[name] = many
        for one in [each for each in running.values() if time.monotonic() - each.began_s > each.check.limit_s]:
            del running[one.check.name]
            said[one.check.name] = [unknown("", f"it did not end within {one.check.limit_s:g} s")]
    findings = [_finding(check, one) for check in asked for one in said[check.name]]
    left_out = tuple(check.name for check in checks if check not in asked)
    return Examined(here.host.name, tuple(findings), left_out, time.monotonic() - began_s)


def _ask(check: Check, here: Here, answers: "Queue[tuple[str, list[Said]]]") -> None:
    answers.put((check.name, _answer(check, here)))


def _answer(check: Check, here: Here) -> list[Said]:
    if check.root and not here.is_root:
        return [unknown("", "only root can see it", "Run it as root")]
    try:
        return list(check.ask(here))
    except StationError as why:
        return [unknown("", why.message, why.hint)]
    except OSError as why:
        return [unknown("", f"{why.filename or 'something'} cannot be read: {why.strerror or why}")]
    except Exception as why:  # noqa: BLE001 - a bug in one check must not hide what the others see
        return [unknown("", f"the check itself failed ({type(why).__name__}: {why}), which is a bug")]


def _answers(answers: "Queue[tuple[str, list[Said]]]") -> "list[tuple[str, list[Said]]]":
    """What has come, after waiting for a moment."""
    found = []
    try:
        found.append(answers.get(timeout=_TICK_S))
        while True:
            found.append(answers.get_nowait())
    except Empty:
        return found


def _finding(check: Check, said: Said) -> Finding:
    return Finding(check.name, said.about, said.verdict, said.evidence, said.remedy)
