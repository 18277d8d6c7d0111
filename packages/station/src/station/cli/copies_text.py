"""Portable copies as text for a terminal and as JSON. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from station.cli.console import json_ready
from station.points.portable import Copy, Kept
from station.stores.cipher import SUFFIX
from station.watch.wording import clock_time, length, size


@dataclass(frozen=True)
class Backups:
    """The backups of a database, the newest first."""

    app: str
    database: str
    store: str
    backups: tuple[Kept, ...]


@dataclass(frozen=True)
class CopyFigures:
    """The portable copies of a database: the current one, and the backups.

    `key` is the age recipient that the current one is encrypted to, "" when it is not.
    """

    database: str
    taken_at: datetime | None
    bytes: int | None
    host: str | None
    digest: str | None
    backups: int
    backup_bytes: int
    last_backup: str | None
    last_backup_at: datetime | None
    last_drill_at: datetime | None
    key: str | None = None
    encrypted_backups: int = 0


def figures(database: str, current: Copy | None, kept: list[Kept], last_drill_at: datetime | None) -> CopyFigures:
    """Count and add up. `kept` is in order, the newest last."""
    last = kept[-1] if kept else None
    return CopyFigures(
        database=database,
        taken_at=current.taken_at if current else None,
        bytes=current.bytes if current else None,
        host=current.host if current else None,
        digest=current.digest if current else None,
        backups=len(kept),
        backup_bytes=sum(each.bytes for each in kept),
        last_backup=last.name if last else None,
        last_backup_at=last.copy.taken_at if last and last.copy else None,
        last_drill_at=last_drill_at,
        key=current.key if current else None,
        encrypted_backups=sum(1 for each in kept if each.name.endswith(SUFFIX)),
    )


def figures_table(each: CopyFigures, now: datetime) -> RenderableType:
    """The current copy, the backups and the last rehearsal."""
    shown = Table.grid(padding=(0, 2))
    shown.add_row("portable copy", _current(each, now))
    if each.last_backup:
        newest = f"the newest {each.last_backup}"
        encrypted = f", {each.encrypted_backups} encrypted" if each.encrypted_backups else ""
        shown.add_row("backups", f"{each.backups}{encrypted}, {size(each.backup_bytes)}, {newest}")
    else:
        shown.add_row("backups", "none; `station db backup` keeps one")
    shown.add_row("last drill", _when(each.last_drill_at, now) if each.last_drill_at else "never: `station db drill`")
    return shown


def table(listed: Backups, now: datetime) -> RenderableType:
    """One line per backup; its key, when any of them is encrypted."""
    shown = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    with_keys = any(kept.name.endswith(SUFFIX) for kept in listed.backups)
    for column in ("name", "taken", "age", "size", "host", *(("encrypted to",) if with_keys else ())):
        shown.add_column(column, justify="right" if column == "size" else "left")
    for kept in listed.backups:
        copy = kept.copy
        if copy is None:
            shown.add_row(kept.name, "no record", "", size(kept.bytes), "")
            continue
        key = ((f"{copy.key[:12]}…" if copy.key else "nothing, plain"),) if with_keys else ()
        shown.add_row(
            kept.name,
            f"{copy.taken_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}",
            length((now - copy.taken_at).total_seconds()),
            size(kept.bytes),
            copy.host,
            *key,
        )
    return shown


def backups_json(listed: Backups) -> dict[str, Any]:
    """The backups as their records have them, with name and stored size; null for what has no record."""
    empty = dict.fromkeys(Copy.__dataclass_fields__)
    backups = []
    for kept in listed.backups:
        ready = json_ready(kept.copy) if kept.copy else empty
        fields = ready if isinstance(ready, dict) else {}
        backups.append({"name": kept.name} | fields | {"bytes": kept.bytes})
    return {"app": listed.app, "database": listed.database, "store": listed.store, "backups": backups}


def _current(each: CopyFigures, now: datetime) -> str:
    if each.taken_at is None:
        return "none; `station db upload` makes one"
    encrypted = ", encrypted" if each.key else ""
    return f"of {_when(each.taken_at, now)}, {size(each.bytes or 0)}, made by {each.host}{encrypted}"


def _when(moment: datetime, now: datetime) -> str:
    return f"{clock_time(moment, now)}, {length((now - moment).total_seconds())} ago"
