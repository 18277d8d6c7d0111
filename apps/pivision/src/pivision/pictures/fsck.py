"""Do files and rows agree, both ways? Looks, and mends on request; what it mends is safe to mend twice."""

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime

from pivision.datafolder import DataFolder
from pivision.moments import utc_text
from pivision.pictures.filing import remove
from pivision.pictures.retention import strays
from pivision.pictures.statements import SQL
from station_kit.sqlitefile import transaction


@dataclass
class Findings:
    """What does not agree. Paths are relative to the data folder."""

    database: list[str] = field(default_factory=list)  # what SQLite's own check says
    pictures_without_file: list[str] = field(default_factory=list)
    pictures_elsewhere: list[str] = field(default_factory=list)  # on the machine that wrote them: as it should be
    files_without_row: list[str] = field(default_factory=list)
    frames_without_bytes: list[int] = field(default_factory=list)  # captures
    jobs_without_frame: list[int] = field(default_factory=list)  # captures that wait and cannot be looked at

    @property
    def is_clean(self) -> bool:
        return not any(found for name, found in vars(self).items() if name != "pictures_elsewhere")


def look(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> Findings:
    """Everything that does not agree. Nothing is changed."""
    found = Findings()
    found.database = [row[0] for row in db.execute("PRAGMA quick_check") if row[0] != "ok"]
    found.database += [f"foreign key of {row[0]} row {row[1]}" for row in db.execute("PRAGMA foreign_key_check")]
    for row in db.execute(SQL["pictures_kept"]):
        file = folder.file(row["path"])
        if file.is_file() and file.stat().st_size == row["bytes"]:
            continue
        is_elsewhere = row["host"] not in ("", folder.host)
        (found.pictures_elsewhere if is_elsewhere else found.pictures_without_file).append(row["path"])
    sizes: dict[str, int] = {}
    for row in db.execute(SQL["frames_kept"]):
        size = sizes.get(row["path"])
        if size is None:
            file = folder.file(row["path"])
            size = sizes[row["path"]] = file.stat().st_size if file.is_file() else -1
        if row["position"] + row["bytes"] > size:
            found.frames_without_bytes.append(row["capture_id"])
            if row["status"] == "queued":
                found.jobs_without_frame.append(row["capture_id"])
    found.files_without_row = strays(db, folder, now)
    return found


def mend(db: sqlite3.Connection, folder: DataFolder, found: Findings, now: datetime) -> None:
    """Say in the rows what is gone, and remove files that belong to nothing. What is whole is left alone."""
    with transaction(db):
        for path in found.pictures_without_file:
            db.execute(
                "UPDATE event_picture SET doomed_at = ?1, deleted_at = ?1 WHERE path = ?2 AND deleted_at IS NULL",
                (utc_text(now), path),
            )
        for capture in found.frames_without_bytes:
            db.execute("UPDATE capture SET segment_id = NULL, position = NULL WHERE id = ?", (capture,))
        for capture in found.jobs_without_frame:
            db.execute(
                "UPDATE capture SET status = 'failed', processed_at = ?, scores = '{\"trouble\":\"file missing\"}'"
                " WHERE id = ? AND status = 'queued'",
                (utc_text(now), capture),
            )
            db.execute("DELETE FROM job WHERE capture_id = ?", (capture,))
    for path in found.files_without_row:
        remove(folder.file(path), folder.top_of(path))
