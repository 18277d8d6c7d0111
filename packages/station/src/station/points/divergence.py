"""What a host wrote that no restore point holds: kept as a change file, with a record of where it belongs.

STATE/divergence/20261121T024507123Z-main.wal.zst    the pages beyond the last point, as a write-ahead log
STATE/divergence/20261121T024507123Z-main.db.zst     or the whole database, when there is no point to compare with
STATE/divergence/20261121T024507123Z-main.json       the record; the divergence counts from when it is there
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from station.clock import from_text, to_text
from station.durable import durable_write, sync_folder
from station.points.holding import points_lock
from station.points.objects import BaseSpool, ChangeSpool, Spool
from station.points.pagetable import Known, PageTable, table_path
from station.points.point import DatabaseId
from station.sqlite.scan import Database, Snapshot


@dataclass(frozen=True)
class Divergence:
    """Pages that a database has beyond a point. `since` is that point's name, or "" for a whole database."""

    at: datetime
    app: str
    database: str
    host: str
    since: str
    pages: int
    page_size: int
    page_count: int
    digest: str
    object_sha256: str
    file: Path


def save_divergence(database: Path, identity: DatabaseId, state: Path, host: str, now: datetime) -> Divergence | None:
    """Keep what the database has beyond the last point. None when that is nothing, or there is no database.

    The database is only read. Saved a second time, the first record is the answer. Busy while points are being taken.
    """
    if not database.exists():
        return None
    with points_lock(state, identity, host):
        known = PageTable(table_path(state, identity)).load()
        with Database(database) as opened, opened.reading() as snapshot:
            before = known if known and _comparable(known, snapshot) else None
            stem = f"{to_text(now).replace('-', '').replace(':', '').replace('.', '')}-{identity.database}"
            with _spool(state, stem, before, snapshot) as spool:
                pages = snapshot.scan(spool.add, before.pages.hashes if before else b"")
                if (known and pages == known.pages) or not pages.page_count:
                    return None
                for earlier in divergences(state):
                    if earlier.database == identity.database and earlier.digest == pages.digest:
                        return earlier
                _, sha256 = spool.seal(pages.page_count)
                found = Divergence(
                    at=now,
                    app=identity.app,
                    database=identity.database,
                    host=host,
                    since=before.point.name if before else "",
                    pages=spool.pages,
                    page_size=pages.page_size,
                    page_count=pages.page_count,
                    digest=pages.digest,
                    object_sha256=sha256,
                    file=_folder(state) / f"{stem}{'.wal' if before else '.db'}.zst",
                )
                spool.path.rename(found.file)
                sync_folder(_folder(state))
        durable_write(_folder(state) / f"{stem}.json", _to_record(found))
        return found


def divergences(state: Path) -> Iterator[Divergence]:
    """What was saved on this host, the oldest first."""
    for record in sorted(_folder(state).glob("*.json")):
        fields = json.loads(record.read_bytes())
        yield Divergence(**(fields | {"at": from_text(fields["at"]), "file": record.parent / fields["file"]}))


def _comparable(known: Known, snapshot: Snapshot) -> bool:
    same_size = known.pages.page_size == snapshot.page_size
    return bool(same_size and known.pages.page_count and snapshot.page_count)


def _spool(state: Path, stem: str, before: Known | None, snapshot: Snapshot) -> Spool:
    folder = _folder(state)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "incoming.zst"
    if before is None:
        return BaseSpool(path, snapshot.page_size, snapshot.page_count)
    return ChangeSpool(path, snapshot.page_size, stem)


def _folder(state: Path) -> Path:
    return state / "divergence"


def _to_record(found: Divergence) -> bytes:
    fields = vars(found) | {"at": to_text(found.at), "file": found.file.name}
    return (json.dumps(fields, indent=1) + "\n").encode()
