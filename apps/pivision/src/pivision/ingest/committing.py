"""Make a group durable: pictures appended, one transaction, both synced at once, the worker's bell.

The disk takes pictures and rows side by side, and nobody is answered before both are there. A power cut in between may
leave rows without their bytes: nobody was told of them, `recovery` marks them, and the same picture is stored anew.
"""

import errno
import logging
import socket
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.ingest import storing
from pivision.ingest.frames import Frame, Heard, Stored
from pivision.ingest.limits import Limits
from pivision.ingest.meter import Meter
from pivision.ingest.pressure import RETRY_S, Pressure
from pivision.ingest.refusals import Refusal
from pivision.ingest.segments import Segment, open_segment
from pivision.moments import utc_text
from station_kit.sqlitefile import transaction

MINUTE_S = 60.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Result = object  # Stored for a Frame, None for Heard, what it returns for an errand
Results = list[Result | BaseException]

_log = logging.getLogger(__name__)


class _CommitUnsure(Exception):
    """The commit itself failed: whether its rows are there is not known, so the segment's bytes stay."""


class Committer:
    """What the writer does with a group. Its connection is opened at the first use, and again after trouble."""

    def __init__(
        self, database: Path, folder: DataFolder, limits: Limits, meter: Meter, now: Callable[[], datetime]
    ) -> None:
        self._database, self._folder, self._limits, self._meter, self._now = database, folder, limits, meter, now
        self.pressure = Pressure(folder.root, limits)
        self._db: sqlite3.Connection | None = None
        self._segment: Segment | None = None
        self._closed: list[Segment] = []  # whose rows are to be told
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="syncer")
        self._minute_s = time.monotonic()
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)

    def commit(self, tasks: Sequence[object]) -> Results:
        """Of each task its result, or why it was refused."""
        results: Results = [None] * len(tasks)
        group = [(place, task) for place, task in enumerate(tasks) if isinstance(task, Frame | Heard)]
        if group:
            try:
                self._commit_group(group, results)
            except Exception as why:  # noqa: BLE001 -- the requests are told; the thread goes on
                refusal = self._trouble(why)
                for place, _ in group:
                    results[place] = refusal
        for place, task in enumerate(tasks):
            if callable(task):
                results[place] = self._errand(task)
        return results

    def duties(self) -> None:
        """What goes by the clock: close an old segment, look how full all is, write the minutes down."""
        try:
            db, at_s = self._opened(), time.monotonic()
            self.pressure.look(db, at_s)
            if self._segment is not None and at_s - self._segment.opened_s >= self._limits.segment_s:
                self._retire()
            minute = at_s - self._minute_s >= MINUTE_S
            if minute or self._closed:
                self._minute_s = at_s if minute else self._minute_s
                with transaction(db):
                    self._tell_closed(db)
                    self._meter.roll_up(db, self._now())
                self._closed = []
        except Exception as why:  # noqa: BLE001 -- nobody waits for it: it is tried again
            self._trouble(why)

    def close(self) -> None:
        """Tell all that is known, and let go of files and connection."""
        self._retire()
        self._syncer.shutdown()
        if self._db is not None:
            with suppress(sqlite3.Error), transaction(self._db):
                self._tell_closed(self._db)
                self._meter.roll_up(self._db, self._now(), all_of_it=True)
            self._db.close()
        self._bell.close()

    def _commit_group(self, group: list[tuple[int, Frame | Heard]], results: Results) -> None:
        db, now = self._opened(), self._now()
        fresh: list[tuple[int, Frame, str]] = []
        for place, task in group:
            if isinstance(task, Frame):
                try:
                    found = storing.decide(db, task, now)
                except Refusal as why:
                    results[place] = why
                    continue
                if isinstance(found, Stored):
                    results[place] = found
                else:
                    fresh.append((place, task, found))
        positions = self._append([frame for _, frame, _ in fresh], now)
        synced = self._syncer.submit(self._segment.sync) if fresh and self._segment is not None else None
        try:
            self._transaction(db, group, list(zip(fresh, positions, strict=True)), results, now)
        except BaseException as why:
            if synced is not None:
                synced.exception()  # nothing is taken away while it is written
            self._take_back(unsure=isinstance(why, _CommitUnsure))
            raise
        if synced is not None:
            self._confirm(synced, [results[place] for place, _, _ in fresh])
            self._grow(sum(len(frame.image) for _, frame, _ in fresh))
            self._ring()

    def _confirm(self, synced: Future[None], stored: Results) -> None:
        """Wait for the pictures' bytes. OSError: they may not be there, so their rows go again."""
        try:
            synced.result()
        except OSError:
            self._retire()  # nobody knows what of it is on the disk
            db = self._opened()
            with transaction(db):
                for each in stored:
                    if isinstance(each, Stored) and not each.duplicate:
                        db.execute("DELETE FROM capture WHERE id = ?", (each.frame_id,))
            raise

    def _append(self, frames: list[Frame], now: datetime) -> list[int]:
        if not frames:
            return []
        if self._segment is None:
            self._segment = open_segment(self._folder.segments, now, time.monotonic(), self._is_named)
        try:
            return self._segment.append([frame.image for frame in frames])
        except OSError:
            self._retire()  # a new one may find room, or a disk that writes
            raise

    def _transaction(
        self,
        db: sqlite3.Connection,
        group: list[tuple[int, Frame | Heard]],
        fresh: list[tuple[tuple[int, Frame, str], int]],
        results: Results,
        now: datetime,
    ) -> None:
        db.execute("BEGIN IMMEDIATE")
        try:
            segment_id = self._segment_row(db) if fresh else 0
            runs: dict[int, str] = {}
            for (place, frame, run), position in fresh:
                try:
                    results[place] = storing.add(db, frame, run, storing.Place(segment_id, position), now)
                    runs[place] = run
                except Refusal as why:
                    results[place] = why
            _note_devices(db, group, runs, now)
            self._tell_closed(db)
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        try:
            db.execute("COMMIT")
        except sqlite3.Error as why:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise _CommitUnsure(str(why)) from why
        self._closed = []
        if fresh and self._segment is not None:
            self._segment.id = segment_id

    def _segment_row(self, db: sqlite3.Connection) -> int:
        assert self._segment is not None
        if self._segment.id is not None:
            return self._segment.id
        made = db.execute(
            "INSERT INTO segment (path, opened_at) VALUES (?, ?)",
            (self._segment.name, utc_text(self._segment.opened_at)),
        ).lastrowid
        assert made is not None
        return made

    def _is_named(self, path: str) -> bool:
        return self._opened().execute("SELECT 1 FROM segment WHERE path = ?", (path,)).fetchone() is not None

    def _grow(self, size: int) -> None:
        assert self._segment is not None
        self._segment.size += size
        if self._segment.size >= self._limits.segment_bytes:
            self._retire()

    def _take_back(self, *, unsure: bool) -> None:
        """The bytes after the last promised one go, unless rows may name them.

        A segment without a row goes as a whole: its name may be taken.
        """
        if unsure:
            self._retire(told=False)
        elif self._segment is not None and self._segment.id is None:
            self._retire()
        elif self._segment is not None:
            with suppress(OSError):
                self._segment.cut_back()

    def _retire(self, *, told: bool = True) -> None:
        """No more is appended to it. With `told` its row will say so; else the next start finds out how it is."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        with suppress(OSError):
            if segment.id is None and told:  # no row names it
                segment.path.unlink()
            segment.close()
        if segment.id is not None and told:
            self._closed.append(segment)

    def _tell_closed(self, db: sqlite3.Connection) -> None:
        """In a transaction; forgotten only when that is committed."""
        for segment in self._closed:
            db.execute(
                "UPDATE segment SET closed_at = ?, bytes = ? WHERE id = ?",
                (utc_text(self._now()), segment.size, segment.id),
            )

    def _errand(self, errand: Callable[[sqlite3.Connection, datetime], object]) -> Result | BaseException:
        try:
            return errand(self._opened(), self._now())
        except (OSError, sqlite3.Error) as why:
            return self._trouble(why)
        except Exception as why:  # noqa: BLE001 -- whoever waits for it is told
            return why

    def _trouble(self, why: BaseException) -> Refusal:
        """Logged; what the clients are told. The connection is made anew."""
        if isinstance(why, Refusal):
            return why
        full = getattr(why, "errno", None) in _FULL or getattr(why, "sqlite_errorname", "") == "SQLITE_FULL"
        _log.error("not stored why=%s: %s", type(why).__name__, why, exc_info=not full)
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        if full:
            return Refusal(503, "disk_full", "There is no room on the disk", retry_after_s=RETRY_S)
        return Refusal(503, "storage_failed", "The picture could not be stored", retry_after_s=RETRY_S)

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = open_durable(self._database)
        return self._db

    def _ring(self) -> None:
        with suppress(OSError):  # nobody listens: the worker looks by itself
            self._bell.sendto(b"1", str(self._folder.worker_bell))


def _note_devices(
    db: sqlite3.Connection, group: list[tuple[int, Frame | Heard]], runs: dict[int, str], now: datetime
) -> None:
    """All that devices told; of a device's pictures, the last one is enough."""
    last = {task.caller.device_id: place for place, task in group if isinstance(task, Frame)}
    for place, task in group:
        if isinstance(task, Heard):
            storing.heard(db, task, now)
        elif last[task.caller.device_id] == place:
            meta = task.meta
            told = Heard(task.caller, meta.extras, meta.sent_at or meta.captured_at)
            storing.heard(db, told, now, run=runs.get(place))
