"""What was noticed in a period, to take along: a folder or a zip with events.csv, events.json and the pictures."""

import csv
import io
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pivision.datafolder import DataFolder
from pivision.errors import PiVisionError
from pivision.moments import utc_text
from pivision.pictures.filing import sync_folder
from pivision.pictures.privacy import NotBlurred
from pivision.pictures.showing import Veil, veil_of
from pivision.spreadsheets import harmless
from pivision.upkeep.statements import SQL

Put = Callable[[str, bytes], object]
COLUMNS = (
    "id", "device", "kind", "slot", "started_at", "ended_at", "confidence", "observed_interaction", "summary",
    "review", "starred", "note", "pictures",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which events: those that began from `since` on and before `until`, of one camera, of one kind; None: all."""

    since: datetime | None = None
    until: datetime | None = None
    device: str | None = None
    kind: str | None = None
    pictures: bool = True
    originals: bool = False  # also of cameras whose pictures are blurred


@dataclass(frozen=True)
class Exported:
    """How much was written. `missing`: pictures that were gone before they could be copied, or not be blurred."""

    events: int
    pictures: int
    missing: int


def export(db: sqlite3.Connection, folder: DataFolder, wanted: Wanted, target: Path) -> Exported:
    """Write it whole, or not at all: a zip where the name ends so, else a folder. PiVisionError when it is there."""
    if target.exists():
        raise PiVisionError(f"Not exported: {target} is there already", "Name another file or folder")
    if not target.parent.is_dir():
        raise PiVisionError(f"Not exported: there is no folder {target.parent}")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        done = _write_zip(db, folder, wanted, draft) if target.suffix == ".zip" else _write(db, folder, wanted, draft)
        draft.rename(target)
    except BaseException:
        with suppress(FileNotFoundError):
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
        raise
    sync_folder(target.parent)
    return done


def _write_zip(db: sqlite3.Connection, folder: DataFolder, wanted: Wanted, draft: Path) -> Exported:
    with draft.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            done = _events(db, folder, wanted, packed.writestr)
        file.flush()
        os.fsync(file.fileno())
    return done


def _write(db: sqlite3.Connection, folder: DataFolder, wanted: Wanted, draft: Path) -> Exported:
    draft.mkdir()

    def put(name: str, content: bytes) -> None:
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    return _events(db, folder, wanted, put)


def _events(db: sqlite3.Connection, folder: DataFolder, wanted: Wanted, put: Put) -> Exported:
    told, copied, missing = [], 0, 0
    veils = {row["name"]: _veil(db, row["id"], wanted) for row in db.execute("SELECT id, name FROM device").fetchall()}
    for event in _wanted(db, wanted):
        names: dict[str, str] = {}
        for row in db.execute(SQL["pictures_of"], {"event_id": event["id"]}) if wanted.pictures else ():
            name = f"pictures/{event['device']}/{event['started_at'][:10]}/{event['id']}-{row['role']}.jpg"
            try:
                put(name, veils[event["device"]].over(folder.file(row["path"]).read_bytes()))
            except (FileNotFoundError, NotBlurred):  # retention was quicker, or it is no picture any more
                missing += 1
                continue
            names[row["role"]] = name
        copied += len(names)
        told.append({**event, "details": json.loads(event["details"]), "pictures": names})
    put("events.json", (json.dumps({"events": told}, indent=1) + "\n").encode())
    put("events.csv", _table(told))
    return Exported(len(told), copied, missing)


def _veil(db: sqlite3.Connection, device_id: int, wanted: Wanted) -> Veil:
    return Veil(is_drawn=False) if wanted.originals else veil_of(db, device_id)


def _wanted(db: sqlite3.Connection, wanted: Wanted) -> Iterator[dict[str, Any]]:
    values = {
        "since": utc_text(wanted.since) if wanted.since else None,
        "until": utc_text(wanted.until) if wanted.until else None,
        "device": wanted.device,
        "kind": wanted.kind,
    }
    return (dict(row) for row in db.execute(SQL["exported"], values).fetchall())


def _table(events: list[dict[str, Any]]) -> bytes:
    """For a spreadsheet: with the mark by which it knows UTF-8, and nothing in it that it would run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in events:
        row = {**each, "pictures": " ".join(each["pictures"].values())}
        writer.writerow([harmless(row[name]) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")
