"""A copy of an app's databases from right before a switch, and the way back to it.

The whole copy is made while the old release serves. Once that has stopped, only the pages that were written since are
brought over: the longer part of the work costs nobody time, however large the database is. Nothing that is replaced is
thrown away: it goes to `replaced/`.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import apsw

from station.durable import sync_folder
from station.errors import DamagedObject, Refused
from station.fleet import App, Host
from station.hosts.switching.journal import Journal
from station.points.placing import Owner, move
from station.sqlite.follow import LogOvertaken
from station.sqlite.hashes import HASH_BYTES, Pages
from station.sqlite.scan import Database, Snapshot, failures, scan_file

BESIDE = ("-journal", "-shm", "-wal", "")  # the database itself goes last, so that a cut move is noticed
SPARE_BYTES = 64 << 20  # what the rest of the machine goes on with while we copy
_POLITE = 10
UNSERVED = "-unserved"


class Copies:
    """The copies of one app's databases on one host. A context manager: it holds the databases open meanwhile."""

    def __init__(self, host: Host, app: App) -> None:
        self._files = live_files(host, app)
        self._folder = snapshot_folder(host, app.name)
        self._open: dict[str, _Copy] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        for copy in self._open.values():
            copy.close()
        self._open = {}

    def take(self) -> int:
        """Copy everything while the app goes on writing: the bytes that were copied. Refused when the disk is full."""
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_room(self._files, self._folder)
        with giving_way():
            for name, file in self._files.items():
                if file.exists():
                    self._open[name] = _Copy(file, self._folder / f"{name}.db")
            return sum(copy.take() for copy in self._open.values())

    def catch_up(self) -> int:
        """Bring the copies to what the databases are now: the number of pages that had changed. Durable."""
        changed = sum(copy.catch_up() for copy in self._open.values())
        sync_folder(self._folder)
        return changed


class _Copy:
    """The copy of one database, and the hashes of its pages."""

    def __init__(self, live: Path, copy: Path) -> None:
        self._live = live
        self._copy = copy
        self._database = Database(live)
        self._pages = Pages(0, b"")
        self._version = -1
        found = live.stat()
        copy.unlink(missing_ok=True)
        handle = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(handle, "r+b")
        Owner(found.st_uid, found.st_gid, found.st_mode & 0o777).give(handle)

    def close(self) -> None:
        self._file.close()
        self._database.close()

    def take(self) -> int:
        with self._reading() as snapshot:
            self._version = snapshot.data_version
            self._pages = snapshot.scan(self._write_of(snapshot))
        self._durable()
        if self._pages.page_count and scan_file(self._copy).digest != self._pages.digest:
            raise DamagedObject(f"The copy of {self._live} does not hold what was written to it", "Check the disk")
        return self._pages.page_count * self._pages.page_size

    def catch_up(self) -> int:
        if not self._database.changed_since(self._version):
            return 0
        with self._reading() as snapshot:
            self._version = snapshot.data_version
            count = self._follow(snapshot)
            if count is None:
                count = self._scan(snapshot)
        self._durable()
        return count

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        with ExitStack() as stack:
            with as_owner(self._live):
                snapshot = stack.enter_context(self._database.reading())
            yield snapshot

    def _follow(self, snapshot: Snapshot) -> int | None:
        """What the log tells; None when it cannot."""
        moment = snapshot.follow()
        if moment is None or moment.pages.page_size != self._pages.page_size:
            return None
        try:
            for number in moment.changed:
                self._write(number, moment.page(number), moment.pages.page_size)
        except LogOvertaken:
            # The moment may be younger than what a scan sees now: what was written of it counts as not known.
            unknown = dict.fromkeys(moment.changed, bytes(HASH_BYTES))
            self._pages = self._pages.changed(unknown, max(self._pages.page_count, *moment.changed))
            return None
        self._pages = moment.pages
        return len(moment.changed)

    def _scan(self, snapshot: Snapshot) -> int:
        same_size = snapshot.page_size == self._pages.page_size
        before = self._pages if same_size else Pages(snapshot.page_size, b"")
        self._pages = snapshot.scan(self._write_of(snapshot), before.hashes)
        return len(self._pages.differing(before.hashes))

    def _write_of(self, snapshot: Snapshot) -> Callable[[int, bytes], None]:
        return lambda number, page: self._write(number, page, snapshot.page_size)

    def _write(self, number: int, page: bytes, page_size: int) -> None:
        self._file.seek((number - 1) * page_size)
        self._file.write(page)

    def _durable(self) -> None:
        self._file.flush()
        self._file.truncate(self._pages.page_count * self._pages.page_size)
        os.fsync(self._file.fileno())


def live_files(host: Host, app: App) -> dict[str, Path]:
    """By the database's name."""
    return {name: host.paths.database(app.name, database) for name, database in app.databases.items()}


def snapshot_folder(host: Host, app: str) -> Path:
    return host.paths.state(app) / "deploy"


def forget(host: Host, app: str) -> None:
    """Free the room that the copies took."""
    shutil.rmtree(snapshot_folder(host, app), ignore_errors=True)


def restore(host: Host, app: App, journal: Journal) -> bool:
    """Bring every database back to its copy; what lay there goes into `journal.kept`. Whether anything did.

    May be cut and run again: a copy that is gone has been brought back already. A database that there was not before is
    set aside and nothing takes its place.
    """
    kept = Path(journal.kept)
    for name, live in live_files(host, app).items():
        copy = snapshot_folder(host, app.name) / f"{name}.db"
        if name in journal.databases and not copy.exists():
            continue
        _set_aside(live, kept / name)
        if name in journal.databases:
            move(copy, live)
    return kept.is_dir()


def put_in_place(host: Host, app: App, files: Mapping[str, Path], kept: Path) -> None:
    """Put the files in the place of databases, by name; what lay there goes into `kept`."""
    for name, file in files.items():
        live = live_files(host, app)[name]
        _set_aside(live, kept / name)
        move(file, live)


def _set_aside(live: Path, folder: Path) -> None:
    for suffix in BESIDE:
        found = live.with_name(live.name + suffix)
        if found.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            move(found, folder / found.name)


def forget_older(kept: Path) -> None:
    """Of the folders with what a release wrote that never served anybody, `kept` is the only one that stays."""
    if kept.name.endswith(UNSERVED):
        for older in kept.parent.glob(f"*{UNSERVED}"):
            if older != kept:
                shutil.rmtree(older, ignore_errors=True)


def same_schema(host: Host, app: App, journal: Journal) -> bool:
    """Whether every database has the tables and the version numbers that it had before: the old release knows them."""
    for name, live in live_files(host, app).items():
        copy = snapshot_folder(host, app.name) / f"{name}.db"
        if name not in journal.databases or not copy.exists() or not live.exists():
            return False
        with Database(live) as database, database.reading() as snapshot:
            now = _schema(snapshot.connection)
        with failures(copy), ExitStack() as stack:
            flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            connection = apsw.Connection(f"file:{quote(str(copy))}?immutable=1", flags=flags)
            stack.callback(connection.close)
            if _schema(connection) != now:
                return False
    return True


def _schema(connection: apsw.Connection) -> list[object]:
    told = "select type, name, tbl_name, sql from sqlite_schema order by type, name"
    return [*connection.execute(told), connection.pragma("user_version"), connection.pragma("application_id")]


@contextmanager
def giving_way() -> Iterator[None]:
    """Let the app and everybody else go first while this process copies."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, min(before + _POLITE, 19))
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)


@contextmanager
def as_owner(file: Path) -> Iterator[None]:
    """Be the owner of the file, if we are root. SQLite makes `-wal` and `-shm` anew and only then gives them to the
    database's owner: between the two the app would find files that it may not open."""
    found = file.stat()
    if os.geteuid() != 0:
        yield
        return
    group = os.getegid()
    os.setegid(found.st_gid)
    os.seteuid(found.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def _require_room(files: dict[str, Path], folder: Path) -> None:
    need = sum(found.stat().st_size for file in files.values() for found in (file, _log_of(file)) if found.exists())
    free = shutil.disk_usage(folder).free
    if free < need + SPARE_BYTES:
        raise Refused(
            f"Not switched: a copy of the databases needs {_mb(need + SPARE_BYTES)}, and {folder} has {_mb(free)} left",
            "Make room: `station releases` lists old releases, and `replaced/` beside the copy what was set aside",
        )


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
