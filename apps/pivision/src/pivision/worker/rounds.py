"""What the worker does from time to time, each in its own rhythm; one that fails holds up no other."""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pivision.moments import utc_text
from pivision.worker.statements import SQL
from station_kit.errors import KitError

_log = logging.getLogger(__name__)


@dataclass
class Round:
    """A duty: every so many seconds of this process's own time. `at_once`: whether the first one waits."""

    name: str
    every_s: float
    do: Callable[[], object]
    due_s: float = field(default=0.0)
    may_have_failed: bool = field(default=True)  # in the process before this one, too


def walk(db: sqlite3.Connection, rounds: list[Round], running_s: float, now: Callable[[], datetime]) -> None:
    """Do what is due. What goes wrong is logged, and written where the health pages see it."""
    for each in rounds:
        if running_s < each.due_s:
            continue
        each.due_s = running_s + each.every_s
        try:
            each.do()
            _well_again(db, each, now())
        except KitError as why:
            _log.warning("round failed name=%s why=%s", each.name, why.message)
            each.may_have_failed = True
            _tell(db, each.name, why.message, now())
        except Exception as why:  # noqa: BLE001 - a duty that fails must not end the worker
            _log.exception("round failed name=%s", each.name)
            each.may_have_failed = True
            _tell(db, each.name, f"{type(why).__name__}: {why}", now())


def _well_again(db: sqlite3.Connection, duty: Round, now: datetime) -> None:
    """Take back what was told of it, once."""
    if duty.may_have_failed:
        db.execute(SQL["well_again"], {"name": duty.name, "at": utc_text(now)})
        duty.may_have_failed = False


def _tell(db: sqlite3.Connection, name: str, why: str, now: datetime) -> None:
    try:
        db.execute(SQL["trouble"], {"name": name, "at": utc_text(now), "error": why})
    except sqlite3.Error:
        _log.exception("trouble not written name=%s", name)
