"""Import the Commercial Log from the drive where the traffic system leaves it, unattended.

Nothing is imported from a drive that is not there, a workbook that somebody has open, one that is still being copied,
or one of an earlier day: each is told apart, for whoever reads the notice in the morning.
"""

import shutil
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bookedbiz.errors import NotReady
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.request import ImportRequest
from bookedbiz.months import station_day

SETTLED_S = 2.0  # a workbook that is being copied grows or gets a new time within it


def fetch(
    db: sqlite3.Connection, log: Path, data_path: Path, by: str, now: datetime, *, settle_s: float = SETTLED_S
) -> ImportReport:
    """Import today's log from where it lies. NotReady when it is not there or not whole; else as `import_workbook`."""
    _require_there(log)
    first = _stamp(log)
    _require_today(log, now)
    time.sleep(settle_s)
    data_path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetched-", dir=data_path) as folder:
        copy = Path(folder) / log.name
        try:
            shutil.copyfile(log, copy)
        except OSError as why:
            raise NotReady(f"{log} not imported: it could not be copied: {why.strerror}", _LATER) from why
        if _stamp(log) != first or copy.stat().st_size != first[0]:
            raise NotReady(f"{log} not imported: it is still being written", _LATER)
        return import_workbook(db, ImportRequest(file=copy, by=by, now=now), data_path)


_LATER = "The next run tries again; nothing was changed"


def _require_there(log: Path) -> None:
    folder = log.parent
    try:
        there = any(folder.iterdir())
    except OSError as why:
        raise NotReady(
            f"{log} not imported: the folder {folder} cannot be read: {why.strerror}", "Is the drive mounted? Mount it"
        ) from why
    if not there:
        raise NotReady(f"{log} not imported: the folder {folder} is empty", "Is the drive mounted? Mount it")
    if not log.is_file():
        raise NotReady(f"{log} not imported: there is no such file", "Has the export been made, and under this name?")
    lock = folder / f"~${log.name}"
    if lock.exists():
        raise NotReady(f"{log} not imported: somebody has it open in Excel ({lock.name})", "Close it there; " + _LATER)


def _require_today(log: Path, now: datetime) -> None:
    saved = datetime.fromtimestamp(log.stat().st_mtime, UTC)
    if station_day(saved) < station_day(now):
        raise NotReady(
            f"{log} not imported: it was saved {station_day(saved):%a %b %d}, not today",
            "Has today's export been made?",
        )


def _stamp(log: Path) -> tuple[int, int]:
    found = log.stat()
    return found.st_size, found.st_mtime_ns
