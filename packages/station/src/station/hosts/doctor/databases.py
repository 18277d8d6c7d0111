"""The databases, opened as the app's user would: with our own SQLite, and so that closing writes nothing."""

import getpass
import json
from collections.abc import Iterator
from pathlib import Path

from station.hosts.asuser import Ended, as_user, python
from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here
from station.hosts.rendering.place import Place

OPEN_S, READ_S = 4.0, 6.0
# apsw, not sqlite3: before 3.51.3 two processes that write and checkpoint at once can damage a database.
_OPEN = """
import json, os, sys, time
import apsw
path, within_s = sys.argv[1], float(sys.argv[2])
closed = [each for each in (path, path + "-wal", path + "-shm", os.path.dirname(path))
          if os.path.exists(each) and not os.access(each, os.W_OK)]
db = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
db.set_busy_timeout(1000)
said = {"closed": closed, "journal": db.pragma("journal_mode"), "tables": 0, "whole": None, "broken": 0}
said["tables"] = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").get
if within_s:
    ends = time.monotonic() + within_s
    db.set_progress_handler(lambda: time.monotonic() > ends, 20000)
    try:
        said["whole"] = db.execute("PRAGMA quick_check(1)").get
        said["broken"] = sum(1 for _ in db.execute("PRAGMA foreign_key_check"))
    except apsw.InterruptError:
        pass
db.close()
print(json.dumps(said))
"""


def opens(here: Here) -> Iterator[Said]:
    """The app's user can open each live database and write to it, and it keeps a write-ahead log.

    By hand: sudo -u ctvbooked python3 -c "import os, sqlite3; sqlite3.connect(os.environ['DATABASE_PATH'])"

    Remedy: chown USER:USER FILE
    """
    for place, name, path in _live(here):
        yield _opened(place, f"{place.app.name} {name}", path)


def whole(here: Here) -> Iterator[Said]:
    """Each live database is whole: SQLite's quick check finds nothing, and no row refers to one that is not there.

    Remedy: station db restore APP --to FILE, or station failover
    """
    for place, name, path in _live(here):
        yield _checked(place, f"{place.app.name} {name}", path)


def _live(here: Here) -> Iterator[tuple[Place, str, Path]]:
    """Those that this host serves, or that lie here while nobody tells who does."""
    for place in here.places:
        for name, database in place.app.databases.items():
            path = here.host.paths.database(place.app.name, database)
            if here.role(place) == "primary" or path.exists():
                yield place, name, path


def _opened(place: Place, about: str, path: Path) -> Said:
    user = _user(place)
    if not path.exists():
        return failed(about, f"there is no {path}", f"station db restore {place.app.name} --to {path}")
    ended = as_user(user, python(_OPEN, path, "0"), within_s=OPEN_S)
    said = _said(ended)
    if said is None:
        return _not_said(about, user, path, ended)
    closed = said["closed"]
    if isinstance(closed, list) and closed:
        return failed(about, f"{user} cannot write to {closed[0]}", f"chown {user}:{user} {closed[0]}")
    if said["journal"] != "wal":
        mend = f"sqlite3 {path} 'PRAGMA journal_mode = WAL', while the app is stopped"
        return warning(about, f"journal mode {said['journal']}: who writes keeps all others from reading", mend)
    return ok(about, f"{user} opens {path}: {said['tables']} tables, with a write-ahead log")


def _checked(place: Place, about: str, path: Path) -> Said:
    if not path.exists():
        return unknown(about, f"there is no {path}")
    ended = as_user(_user(place), python(_OPEN, path, str(READ_S)), within_s=READ_S + OPEN_S)
    said = _said(ended)
    if said is None:
        return _not_said(about, _user(place), path, ended)
    restore = f"station db restore {place.app.name} --to {path}.restored"
    if said["whole"] is None:
        return unknown(
            about, f"not read to its end within {READ_S:g} s", f"station db drill {place.app.name} reads all"
        )
    if said["whole"] != "ok":
        return failed(about, f"SQLite says: {str(said['whole']).splitlines()[0]}", restore)
    if said["broken"]:
        return failed(
            about, f"{said['broken']} rows refer to rows that are not there", "PRAGMA foreign_key_check names them"
        )
    return ok(about, "whole, and every reference leads to a row")


def _user(place: Place) -> str:
    """Whose the database is; of a folder host ours."""
    return place.app.account if place.host.address else getpass.getuser()


def _said(ended: Ended) -> dict[str, object] | None:
    try:
        said = json.loads(ended.out)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _not_said(about: str, user: str, path: Path, ended: Ended) -> Said:
    if ended.code is None:
        return unknown(about, f"{user} had not opened {path} in time")
    return failed(about, f"{user} cannot open {path}: {ended.last_line}", f"ls -l {path}*; chown {user}:{user} {path}*")
