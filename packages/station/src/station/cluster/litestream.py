"""Litestream as a second engine: its configuration, what its figures mean, and what a host tells of it. Pure, but for
reading the report.

A replica lies at `litestream/APP/DATABASE/EPOCH` in its store's place. The epoch keeps the replicas of an old primary
and of the new one apart: two that believe to be primary never write to one place.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from station.clock import from_text, to_text
from station.cluster.files import read_json
from station.fleet import App, Host, Litestream, StoreSpec

FOLDER = "litestream"
REPLICA = "station"  # the replica's name in configuration and figures
RETENTION_H = 24
MARKS = 600  # moments remembered while the replica falls behind
SILENT_AFTER_S = 15.0  # the watcher reports every second
_FIGURE = re.compile(r'litestream_(?P<name>\w+)\{db="(?P<db>(?:[^"\\]|\\.)*)"[^}]*\} (?P<value>\S+)')


def replica_key(app: str, database: str, epoch: int | None = None) -> str:
    """Where replicas of a database lie below the store's place; with an epoch, the one of that epoch."""
    folder = f"{FOLDER}/{app}/{database}/"
    return folder if epoch is None else f"{folder}{epoch:06d}"


def meta_folder(state: Path, database: str) -> Path:
    """Litestream's own notes on a database; outside the app's folder, where its default would put them."""
    return state / FOLDER / database


def config_file(state: Path) -> Path:
    return state / FOLDER / "litestream.yml"


def config(app: App, host: Host, store: StoreSpec, epoch: int, metrics: str = "") -> str:
    """The configuration for all databases of the app in one epoch. No secret is in it.

    `metrics`: the address that Litestream tells its figures at.
    """
    assert app.litestream is not None
    sync_s = app.litestream.sync_every_s
    lines = [f"addr: {_text(metrics)}"] if metrics else []
    lines.append("dbs:")
    for name, database in app.databases.items():
        lines += [
            f"  - path: {_text(host.paths.database(app.name, database))}",
            f"    meta-path: {_text(meta_folder(host.paths.state(app.name), name))}",
            f"    monitor-interval: {min(sync_s, 1.0):g}s",
            "    replicas:",
            f"      - name: {REPLICA}",
            *place_lines(store, replica_key(app.name, name, epoch)),
            f"        sync-interval: {sync_s:g}s",
            f"        retention: {RETENTION_H}h",
        ]
    return "\n".join(["# Written by Control Station; changes are lost at the next start.", *lines]) + "\n"


def place_lines(store: StoreSpec, key: str) -> list[str]:
    """Where a replica lies, as lines of its entry in the configuration."""
    return [f"        {name}: {value}" for name, value in _place(store, key).items()]


def _place(store: StoreSpec, key: str) -> dict[str, str]:
    if store.kind == "directory":
        return {"type": "file", "path": _text(store.path / key)}
    below = key if str(store.path) == "." else f"{str(store.path).strip('/')}/{key}"
    if store.kind == "s3":
        place = {"type": "s3", "bucket": _text(store.bucket), "path": _text(below)}
        if store.region:
            place["region"] = _text(store.region)
        if store.endpoint:
            place |= {"endpoint": _text(store.endpoint), "force-path-style": "true"}
        return place
    return {
        "type": "sftp",
        "host": _text(f"{store.server}:{store.port}"),
        "user": _text(store.user),
        "key-path": _text(store.private_key or ""),
        "path": _text(store.path / key),
    }


def environment(store: StoreSpec, keys: Mapping[str, str]) -> dict[str, str]:
    """The variables for Litestream: how an S3 store is reached, and its keys."""
    if store.kind != "s3":
        return {}
    found = dict(keys)
    if store.proxy:
        found |= {"HTTPS_PROXY": store.proxy, "HTTP_PROXY": store.proxy}
    if store.ca_file:
        found["SSL_CERT_FILE"] = str(store.ca_file)
    return found


def unfit(store: StoreSpec) -> str | None:
    """Why Litestream cannot replicate to that store; None when it can."""
    if store.kind not in ("directory", "s3", "sftp"):
        return f"Litestream cannot write to {store.name}: it knows no store of kind {store.kind}"
    if store.key_file is not None:
        return f"Litestream does not write to {store.name}: everything there is encrypted, and its replica would not be"
    return None


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)  # JSON's strings are strings of YAML too


@dataclass(frozen=True)
class Position:
    """A place in Litestream's log of a database: which generation, which segment of it, and how far in that."""

    generation: str
    index: int
    offset: int

    def covers(self, other: "Position") -> bool:
        """Whether whoever is here has all that was there."""
        same = self.generation == other.generation
        return same and (self.index, self.offset) >= (other.index, other.offset)


@dataclass(frozen=True)
class Figures:
    """How far Litestream read a database's log, how far its replica is, and how often it went over the log.

    `told`: it said itself how far the replica is.
    """

    read: Position
    shipped: Position | None
    looks: int
    errors: int
    told: bool = True

    @property
    def level(self) -> bool:
        """Whether the replica holds all that was read."""
        return self.shipped == self.read


def read_position(meta: Path) -> Position | None:
    """How far Litestream has read, by its own notes. None when it has not begun, or just begins anew."""
    try:
        generation = (meta / "generation").read_text().strip()
        segment = max((meta / "generations" / generation / "wal").iterdir())
        return Position(generation, int(segment.stem, 16), segment.stat().st_size)
    except (OSError, ValueError):
        return None


def figures(metrics: str, database: Path, read: Position, known: Position | None) -> Figures | None:
    """The figures of a database, of what Litestream prints. None when it says nothing of it yet.

    It tells how far the replica is only once it has shipped something; until then that is what was `known` before.
    """
    said = {
        found["name"]: int(float(found["value"]))
        for found in _FIGURE.finditer(metrics)
        if json.loads(f'"{found["db"]}"') == str(database)
    }
    if "sync_count" not in said:
        return None
    shipped, told = known, "replica_wal_index" in said and "replica_wal_offset" in said
    if told:
        shipped = Position(read.generation, said["replica_wal_index"], said["replica_wal_offset"])
    return Figures(read, shipped, said["sync_count"], said.get("sync_error_count", 0), told)


def last_piece(listing: str) -> Position | None:
    """Where the last piece of a replica's log begins, in what `litestream wal` prints."""
    pieces = [line.split() for line in listing.splitlines()[1:]]
    found = [Position(each[1], int(each[2], 16), int(each[3])) for each in pieces if len(each) >= 4]
    return max(found, key=lambda each: (each.index, each.offset), default=None)


@dataclass
class _Mark:
    """A moment, how often Litestream had gone over the log by then, and how far it had read when it surely had all."""

    at: datetime
    looks: int
    read: Position | None = None


class Progress:
    """Up to which moment the replica holds everything, found out by asking again and again.

    What was written before a moment has been read when Litestream went over the log twice since (the first time may
    have been under way); it is in the replica once that is as far as Litestream had read then.
    """

    def __init__(self) -> None:
        self.newest: datetime | None = None
        self._marks: list[_Mark] = []
        self._last: Figures | None = None

    def look(self, found: Figures, now: datetime) -> None:
        """`found` was asked for at `now`, not before."""
        last, self._last = self._last, found
        if last is not None and (found.read.generation != last.read.generation or found.looks < last.looks):
            self._marks.clear()  # Litestream began anew: its positions count from zero again
        for mark in self._marks:
            if mark.read is None and found.looks >= mark.looks + 2:
                mark.read = found.read
        shipped = found.shipped
        reached = [
            mark.at
            for mark in self._marks
            if shipped is not None
            and mark.read is not None
            and shipped.covers(mark.read)
            and found.read.covers(shipped)
        ]
        if reached:
            self.newest = max(reached)
            self._marks = [mark for mark in self._marks if mark.at > self.newest]
        self._marks.append(_Mark(now, found.looks))
        if len(self._marks) > MARKS:
            del self._marks[1::2]


def report_file(state: Path, database: str) -> Path:
    return state / f"litestream-{database}.json"


def report(
    newest: datetime | None, error: str | None, shipped: Position | None, times: tuple[datetime, datetime]
) -> dict[str, object]:
    """What the watcher of the replica tells; `times`: since when it watches, and now."""
    since, now = times
    return {
        "shipped": asdict(shipped) if shipped else None,
        "at": to_text(now),
        "since": to_text(since),
        "newest": to_text(newest) if newest else None,
        "error": error,
    }


def known_position(file: Path) -> Position | None:
    """How far the replica was when that was reported last."""
    try:
        return Position(**(read_json(file) or {})["shipped"])
    except (KeyError, TypeError):
        return None


def replica_status(file: Path, wanted: Litestream, written_at: datetime | None, now: datetime) -> dict[str, Any]:
    """How the replica of one database is: `lag_s` (0 when nothing was written since `newest`), `newest`, `error`.

    `lag_s` None: it is not known. A replica that is late is an error too.
    """
    said = read_json(file) or {}
    newest, at, since = (_moment(said.get(name)) for name in ("newest", "at", "since"))
    error, lag_s = said.get("error"), _lag_s(newest, written_at, now)
    behind_s = (now - since).total_seconds() if since is not None and newest is None else lag_s
    if error is None and at is not None and now - at > timedelta(seconds=SILENT_AFTER_S):
        error = f"Nobody watches Litestream: its unit has said nothing for {(now - at).total_seconds():.0f} s"
    if error is None and behind_s is not None and behind_s > wanted.late_after_s:
        error = f"Litestream's replica is {behind_s:.0f} s behind (late after {wanted.late_after_s:g} s)"
    return {"lag_s": lag_s, "newest": said.get("newest"), "error": error}


def _lag_s(newest: datetime | None, written_at: datetime | None, now: datetime) -> float | None:
    if newest is None:
        return None
    if written_at is None or written_at <= newest:
        return 0.0
    return round(max(0.0, (now - newest).total_seconds()), 1)


def _moment(text: object) -> datetime | None:
    try:
        return from_text(text) if isinstance(text, str) else None
    except ValueError:
        return None
