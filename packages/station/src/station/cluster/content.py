"""The databases of one app on one host: flush them, follow them, put them in place, move them aside."""

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import apsw

from station.clock import Clock, to_text
from station.cluster.facts import live_files
from station.cluster.lease import Lease
from station.durable import sync_folder
from station.errors import DatabaseError, NoSuchPoint
from station.fleet import App, Host
from station.points.aside import forget_shadows
from station.points.catalog import newest
from station.points.divergence import Divergence, save_divergence
from station.points.divergencestore import store_divergence
from station.points.handover import HandOver
from station.points.mirror import Mirror
from station.points.placing import Owner, make_folder, move, owner_named
from station.points.point import DatabaseId, Point
from station.points.taker import PointTaker
from station.points.target import Rules
from station.stores.store import Store

Pulse = Callable[[], None]
Points = dict[str, Point | None]

_PUBLISHED = "-published"


class Content:
    """What an app's hosts keep for it. The calls that touch a database need its loop stopped: each takes its lock."""

    def __init__(self, app: App, host: Host, store: Store, now: Clock) -> None:
        self._app = app
        self._host = host
        self._store = store
        self._now = now
        self.state = host.paths.state(app.name)
        self.files = {name: host.paths.database(app.name, database) for name, database in app.databases.items()}

    @property
    def complete(self) -> bool:
        """Whether every database is in place."""
        return all(file.exists() for file in self.files.values())

    @property
    def owner(self) -> Owner | None:
        """Whose the live databases are: the app's user on a machine, nobody else's than ours in a folder host."""
        return owner_named(self._app.account) if self._host.paths.is_machine else None

    def make_folders(self) -> None:
        """Make the folders that the app makes its databases in."""
        for file in self.files.values():
            make_folder(file.parent, self.owner)

    def flush(self, epoch: int, lease: Lease) -> Points:
        """Take the last point of every database into the first store. LeaseLost, StoreError, DatabaseError."""
        points: Points = {}
        for name, file in self.files.items():
            identity = self._identity(name)
            rules = Rules(encoding=self._app.points.encoding)
            with PointTaker(file, identity, self._store, self.state, self._host.name, rules=rules) as taker:
                taken = taker.take(epoch, self._now(), still_ours=lambda: lease.require(epoch))
            points[name] = taken or newest(self._store, identity, epoch=epoch)
        return points

    def catch_up(self, pulse: Pulse) -> Points:
        """Bring every mirror to the newest whole point. StoreError."""
        points: Points = {}
        for name in self.files:
            points[name] = self._mirror(name).catch_up(progress=lambda progress: pulse())
        return points

    def prove(self) -> None:
        """Read every mirror again and compare. DamagedObject when it is not what its point says; NoSuchPoint."""
        for name in self.files:
            mirror = self._mirror(name)
            if mirror.position is None:
                raise NoSuchPoint(
                    f"{self._host.name} has no copy of {self._app.name}/{name}, and the store has no whole point",
                    f"See `station db verify {self._app.name}`",
                )
            mirror.prove()

    def put_in_place(self) -> None:
        """Turn every mirror into the live database, except where one is in place already."""
        for name, file in self.files.items():
            if not file.exists() or HandOver(self.state / "mirror", self._identity(name), file).is_moved():
                self._mirror(name).release(file, self.owner)

    def save_divergence(self) -> list[Divergence] | None:
        """Keep what the live databases hold beyond their last published points. Empty: they hold nothing more.

        None when one of them cannot be read: then nobody knows, and the file itself has to be kept.
        """
        saved, unread = [], False
        for name, file in self.files.items():
            try:
                found = save_divergence(file, self._identity(name), self.state, self._host.name, self._now())
            except DatabaseError:
                unread = True
                continue
            saved += [found] if found is not None else []
        return None if unread and not saved else saved

    def store_divergence(self, saved: Divergence) -> None:
        """Put a saved divergence into the store as well, beside the chains. StoreError; it stays on this host then."""
        store_divergence(self._store, saved)

    def schemas(self) -> dict[str, int]:
        """A number per database that grows with each change of its schema; -1 for one that cannot be read."""
        return {name: _schema_version(file) for name, file in self.files.items()}

    def set_aside(self, now: datetime, *, published: bool) -> Path | None:
        """Move the live files into replaced/TIME/ and return it, or None when there was nothing. Safe to be cut.

        `published`: restore points hold all of it. Only the newest of those is kept; any other stays for good.
        """
        replaced = self.state / "replaced"
        pending = replaced / "pending"  # gets its name last, so that a cut move goes on into the same folder
        pending.mkdir(parents=True, exist_ok=True)
        for file in [one for database in self.files.values() for one in live_files(database)]:
            move(file, pending / file.name)
        if not any(pending.iterdir()):
            pending.rmdir()
            return None
        older = list(replaced.glob(f"*{_PUBLISHED}")) if published else []
        final = replaced / (to_text(now).replace(":", "").replace("-", "") + (_PUBLISHED if published else ""))
        pending.replace(final)
        sync_folder(replaced)
        for folder in older:
            shutil.rmtree(folder, ignore_errors=True)
        for name in self.files:
            forget_shadows(self.state, self._identity(name))  # of no use to a standby
        shutil.rmtree(self.state / "outbox", ignore_errors=True)  # what was not sent is in the database, or diverged
        return final

    def _identity(self, database: str) -> DatabaseId:
        return DatabaseId(self._app.name, database)

    def _mirror(self, database: str) -> Mirror:
        return Mirror(self.state / "mirror", self._store, self._identity(database))


def _schema_version(file: Path) -> int:
    try:
        with closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            return int(db.pragma("schema_version"))
    except apsw.Error:
        return -1
