"""A rehearsal of the day the database is lost: restore the newest point beside it, check it, and keep the time.

The time it takes is what a restore on this host would take: the recovery time objective, measured.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from station.clock import Clock, from_text, to_text
from station.durable import durable_write
from station.errors import DamagedObject, NoSuchPoint, StationError
from station.points.catalog import newest
from station.points.copying import Source
from station.points.holding import locked
from station.points.point import FORMAT, DatabaseId, Point
from station.points.restore import OnProgress, restore
from station.sqlite.rows import Checked, check_file, live_rows
from station.stores.store import Store

FAILED = "-failed"  # at the end of the name of a record whose rehearsal did not pass


@dataclass(frozen=True)
class RowsDiffer:
    """A table whose number of rows is another by now. None: the table is not there."""

    table: str
    restored: int | None
    live: int | None


@dataclass(frozen=True)
class Drill:
    """What a rehearsal found. `took_s` is from the first byte to a database that is proved and checked.

    `fault` is what is wrong with the restored database; None when it is whole. Broken foreign keys are told and are no
    fault of the copy: it equals, page by page, what the database held.
    """

    app: str
    database: str
    host: str
    at: datetime
    point: str
    taken_at: datetime
    bytes: int
    restore_s: float
    check_s: float
    took_s: float
    tables: int
    rows: int
    differences: list[RowsDiffer] = field(default_factory=list)
    broken_references: int = 0
    fault: str | None = None

    @property
    def passed(self) -> bool:
        return self.fault is None


def drill(source: Source, store: Store, now: Clock, progress: OnProgress | None = None) -> Drill:
    """Rehearse a restore on this host and record what was found, here and in the store.

    NoSuchPoint when there is no point; Busy while another rehearsal runs; StoreError. A restore that fails is a
    finding: it is recorded, and then raised.
    """
    what = f"A drill of {source.identity.app}/{source.identity.database}"
    with locked(source.state / f"drill-{source.identity.database}.lock", what, source.host):
        point = newest(store, source.identity)
        if point is None:
            raise NoSuchPoint(f"{what} needs a restore point, and there is none", "`station db point` takes one")
        with _folder(source) as folder:
            try:
                found = _rehearse(source, store, point, folder / "restored.db", _Timed(now(), progress))
            except DamagedObject as why:
                record(source, store, _failed(source, point, now(), why))
                raise
        record(source, store, found)
    return found


def record(source: Source, store: Store, found: Drill) -> None:
    """Keep the finding: on the host for its status, in the store for whoever comes after it."""
    said = (json.dumps(fields(found), indent=1) + "\n").encode()
    path = drill_file(source.state)
    known = _read(path)
    durable_write(path, (json.dumps(known | {found.database: fields(found)}, indent=1) + "\n").encode())
    stamp = to_text(found.at).replace("-", "").replace(":", "").replace(".", "")
    store.put(f"{drills_prefix(source.identity)}{stamp}{'' if found.passed else FAILED}.json", said)


def fields(found: Drill) -> dict[str, object]:
    """The finding as JSON has it."""
    times = {"at": to_text(found.at), "taken_at": to_text(found.taken_at)}
    return {"format": FORMAT} | asdict(found) | times | {"passed": found.passed}


def drill_file(state: Path) -> Path:
    return state / "drill.json"


def drills_prefix(identity: DatabaseId) -> str:
    return f"{identity.prefix}drills/"


def last_passed_at(store: Store, identity: DatabaseId) -> datetime | None:
    """When the newest rehearsal that passed was recorded in the store, by whichever host."""
    moments = [_moment(entry.key.rpartition("/")[2]) for entry in store.list(drills_prefix(identity))]
    return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True)
class _Timed:
    at: datetime
    progress: OnProgress | None
    clock_s: Callable[[], float] = time.monotonic


def _rehearse(source: Source, store: Store, point: Point, target: Path, timed: _Timed) -> Drill:
    began_s = timed.clock_s()
    restore(store, point, target, progress=timed.progress)
    restored_s = timed.clock_s()
    checked = check_file(target) if point.page_count else Checked(None, 0, {})
    ended_s = timed.clock_s()
    return Drill(
        app=point.app,
        database=point.database,
        host=source.host,
        at=timed.at,
        point=point.name,
        taken_at=point.taken_at,
        bytes=target.stat().st_size,
        restore_s=round(restored_s - began_s, 3),
        check_s=round(ended_s - restored_s, 3),
        took_s=round(ended_s - began_s, 3),
        tables=len(checked.rows),
        rows=sum(checked.rows.values()),
        differences=differences(checked.rows, live_rows(source.database)) if checked.fault is None else [],
        broken_references=checked.broken_references,
        fault=checked.fault,
    )


def differences(restored: dict[str, int], live: dict[str, int]) -> list[RowsDiffer]:
    """The tables that do not have as many rows in both, by name. Pure."""
    return [
        RowsDiffer(table, restored.get(table), live.get(table))
        for table in sorted(restored.keys() | live.keys())
        if restored.get(table) != live.get(table)
    ]


def _failed(source: Source, point: Point, at: datetime, why: StationError) -> Drill:
    return Drill(
        app=point.app,
        database=point.database,
        host=source.host,
        at=at,
        point=point.name,
        taken_at=point.taken_at,
        bytes=0,
        restore_s=0.0,
        check_s=0.0,
        took_s=0.0,
        tables=0,
        rows=0,
        fault=why.message,
    )


@contextmanager
def _folder(source: Source) -> Iterator[Path]:
    """An empty folder on the disk that the database is on; gone afterwards, and what a killed run left as well."""
    folder = source.state / "drill" / source.identity.database
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> dict[str, object]:
    try:
        known = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _moment(name: str) -> datetime | None:
    """The moment in the name of a record of one that passed, `20261121T033000123Z.json`."""
    try:
        return from_text(f"{name[:15]}.{name[15:18]}Z") if name[18:] == "Z.json" else None
    except ValueError:
        return None
