"""Is everything in place? Each check looks at one thing and says what it saw and what to do. Changes nothing."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from pivision import pulse
from pivision.datafolder import DataFolder
from pivision.devices import configs
from pivision.errors import StartRefused
from pivision.health import clock_synchronised
from pivision.ingest import limits as ingest_limits
from pivision.moments import moment_of
from pivision.pictures import retention
from pivision.queue import dead
from pivision.settings import Settings
from pivision.upkeep.port import who_answers
from pivision.upkeep.statements import SQL
from station_kit.environment import LOOPBACK
from station_kit.errors import KitError
from station_kit.health import database_check
from station_kit.sqlitefile import open_database

WORKER_SILENT_S = 30.0
LATE_S = 60.0
RETENTION_LATE = timedelta(hours=3)
LEAST_OPENCV = (4, 6)
CLOCK_WRONG_S = 60.0
MISSED_INTERVALS, LEAST_SILENCE_S = 3, 30.0  # as the worker tells a silent camera
_MIB = 2**20


class State(StrEnum):
    """`NOTE`: worth knowing, nothing has to be done."""

    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Seen:
    """What a check saw, and what to do about it."""

    check: str
    state: State
    text: str
    to_do: str = ""


@dataclass(frozen=True)
class Place:
    """What the checks look at."""

    settings: Settings
    folder: DataFolder
    now: datetime
    db: sqlite3.Connection


def examine(environ: Mapping[str, str], now: datetime) -> list[Seen]:
    """Every check, in order; where there is no database those that need one are left out."""
    try:
        settings = Settings.from_env(environ, pages=False)
    except StartRefused as why:
        return [Seen("settings", State.FAILED, why.message, why.hint), *_opencv()]
    seen = [*_settings(environ), *_opencv(), *_clock()]
    folder = settings.folder
    seen += [*_database(settings), *_folders(folder), *_port(settings)]
    if not settings.database.is_file() or not folder.root.is_dir():
        return seen
    try:
        with closing(open_database(settings.database, read_only=True)) as db:
            place = Place(settings, folder, now, db)
            for check in _OF_A_PLACE:
                seen += check(place)
    except (sqlite3.Error, KitError) as why:
        seen.append(Seen("database", State.FAILED, f"It cannot be read: {why}", "Stop both, then: pivision fsck"))
    return seen


def _settings(environ: Mapping[str, str]) -> Iterator[Seen]:
    try:
        settings = Settings.from_env(environ)
    except StartRefused as why:  # the secret of the pages: all else was read already
        by_hand = "CREDENTIALS_DIRECTORY" not in environ  # in somebody's shell: the unit hands its own over
        yield Seen("settings", State.NOTE if by_hand else State.FAILED, why.message, why.hint)
        return
    yield Seen("settings", State.OK, f"database {settings.database}, pictures in {settings.data}, port {settings.port}")


def _opencv() -> Iterator[Seen]:
    try:
        import cv2  # noqa: PLC0415 - that it may be missing is the question
        import numpy as np  # noqa: PLC0415

        found = tuple(int(part) for part in cv2.__version__.split(".")[:2])
    except (ImportError, ValueError) as why:
        to_do = "pip install opencv-python-headless; on 32-bit ARM: apt install python3-opencv"
        yield Seen("opencv", State.FAILED, f"OpenCV cannot be used: {why}", to_do)
        return
    try:
        ours = version("pivision")
    except PackageNotFoundError:
        ours = "?"
    told = f"OpenCV {cv2.__version__}, numpy {np.__version__}, PiVision {ours}"
    if found < LEAST_OPENCV:
        yield Seen("opencv", State.FAILED, f"{told}: it is too old", "4.6 at least, as in Debian 12")
    else:
        yield Seen("opencv", State.OK, told)


def _clock() -> Iterator[Seen]:
    if clock_synchronised():
        yield Seen("clock", State.OK, "synchronised")
    else:
        yield Seen("clock", State.NOTE, "the kernel does not call its clock synchronised", "See: timedatectl")


def _database(settings: Settings) -> Iterator[Seen]:
    if not settings.database.is_file():
        text, to_do = f"There is no {settings.database}", "The server makes it: pivision serve"
        yield Seen("database", State.FAILED, text, to_do)
        return
    try:
        yield Seen("database", State.OK, database_check(settings.database, "pivision.schema")())
    except (KitError, sqlite3.Error) as why:
        yield Seen("database", State.FAILED, str(why), "Start the server, which brings it up to date: pivision serve")


def _folders(folder: DataFolder) -> Iterator[Seen]:
    if not folder.root.is_dir():
        yield Seen("folders", State.FAILED, f"There is no {folder.root}", "Make it, or mount it; or set DATA_PATH")
        return
    wanted = (folder.root, folder.segments, folder.events, folder.state, folder.secrets, folder.worker_bell.parent)
    missing = [each.name for each in wanted if not each.is_dir()]
    shut = [each.name for each in wanted if each.is_dir() and not os.access(each, os.W_OK | os.X_OK)]
    if shut:
        text = f"Not writable by this user: {', '.join(shut)}"
        yield Seen("folders", State.FAILED, text, f"As root: chown -R USER: {folder.root}, the user of the units")
    elif missing:
        yield Seen("folders", State.NOTE, f"not there yet: {', '.join(missing)}", "The server makes them at its start")
    else:
        yield Seen("folders", State.OK, "there and writable")


def _port(settings: Settings) -> Iterator[Seen]:
    found = who_answers(settings.bind, settings.port)
    port = f"port {settings.port}"
    if found.ours and not found.failing:
        yield Seen("server", State.OK, f"answers at {port} and is well")
    elif found.ours:
        text = f"answers at {port} and is not well: {'; '.join(found.failing)}"
        yield Seen("server", State.FAILED, text, "journalctl -u pivision-server")
    elif found.holder:
        stop = f"systemctl disable --now {found.unit}" if found.unit.endswith((".service", ".socket")) else ""
        text = f"{port} is held by {found.holder}, which is not PiVision"
        yield Seen("server", State.FAILED, text, stop or f"See who it is: ss -ltnp 'sport = :{settings.port}'")
    else:
        where = "" if settings.bind == LOOPBACK else f" of {settings.bind}"
        to_do = "systemctl start pivision-server, or: pivision serve"
        yield Seen("server", State.FAILED, f"nobody answers at {port}{where}", to_do)


def _disk(place: Place) -> Iterator[Seen]:
    disk = os.statvfs(place.folder.root)
    free = disk.f_bavail * disk.f_frsize
    floor, wanted = ingest_limits.read(place.db).free_bytes, retention.rule(place.db).least_free_bytes
    text = f"{free // _MIB:,} MiB are free"
    if free < floor:
        to_do = "Make room: it goes on by itself. What takes it: du -xh --max-depth=2 / | sort -h | tail"
        yield Seen("disk", State.FAILED, f"{text}, and below {floor // _MIB:,} MiB pictures are refused", to_do)
    elif free < wanted:
        text = f"{text}; below {wanted // _MIB:,} MiB the oldest event pictures go"
        yield Seen("disk", State.NOTE, text, "More room, or a lower floor on the page Storage")
    else:
        yield Seen("disk", State.OK, text)


def _worker(place: Place) -> Iterator[Seen]:
    beat = pulse.last(place.folder, "worker")
    if not beat:
        text, to_do = "no sign of life since this machine started", "systemctl start pivision-worker, or: pivision work"
        yield Seen("worker", State.FAILED, text, to_do)
        return
    silent_s = abs((place.now - moment_of(beat["at"])).total_seconds())
    if silent_s > WORKER_SILENT_S:
        text = f"no sign of life since {beat['at']}"
        yield Seen("worker", State.FAILED, text, "systemctl restart pivision-worker; journalctl -u pivision-worker")
        return
    lag_s, waiting = float(beat.get("lag_s", 0)), int(beat.get("waiting", 0))
    text = f"looked at {beat.get('pictures', 0):,} pictures, {waiting:,} wait"
    if lag_s > LATE_S:
        to_do = "It catches up, leaving out idle pictures. If it stays so: fewer pictures, or a smaller size"
        yield Seen("worker", State.NOTE, f"{text}, the oldest for {lag_s:,.0f} s", to_do)
    else:
        yield Seen("worker", State.OK, text)


def _duties(place: Place) -> Iterator[Seen]:
    for row in place.db.execute(SQL["troubled"]):
        text = f"it failed at {row['last_error_at']}: {row['last_error']}"
        yield Seen(row["name"], State.FAILED, text, "journalctl -u pivision-worker")


def _retention(place: Place) -> Iterator[Seen]:
    row = place.db.execute("SELECT last_success FROM health WHERE name = 'retention'").fetchone()
    if row is None or row["last_success"] is None:
        yield Seen("retention", State.NOTE, "it never ran", "The worker does it, every hour")
    elif abs(place.now - moment_of(row["last_success"])) > RETENTION_LATE:
        text = f"it ran last at {row['last_success']}"
        yield Seen("retention", State.FAILED, text, "Is the worker well? By hand: pivision retention")
    else:
        yield Seen("retention", State.OK, f"it ran last at {row['last_success']}")


def _dead(place: Place) -> Iterator[Seen]:
    found = dead(place.db, most=1000)
    if found:
        newest = found[0]
        text = f"{len(found):,} were given up, the newest of {newest.device}: {newest.last_error}"
        yield Seen("pictures", State.FAILED, text, "journalctl -u pivision-worker; the page Storage shows them")
    else:
        yield Seen("pictures", State.OK, "none was given up")


def _cameras(place: Place) -> Iterator[Seen]:
    rows = place.db.execute(SQL["cameras"]).fetchall()
    if not rows:
        yield Seen("cameras", State.NOTE, "there is none", "pivision devices add NAME")
    for row in rows:
        yield _camera(place, row)


def _camera(place: Place, row: sqlite3.Row) -> Seen:
    name = f"camera {row['name']}"
    if not row["enrolled"]:
        return Seen(name, State.NOTE, "it has no key yet", f"pivision devices code {row['name']}")
    if row["last_seen_at"] is None:
        return Seen(name, State.NOTE, "it was never heard of", "Is it on, and has it the server's address?")
    cadence = configs.in_force(place.db, row["id"]).config.cadence
    limit_s = max(LEAST_SILENCE_S, MISSED_INTERVALS * cadence.capture_interval_ms / 1000)
    silent_s = (place.now - moment_of(row["last_seen_at"])).total_seconds()
    if silent_s > limit_s:
        text = f"nothing was heard since {row['last_seen_at']}, {timedelta(seconds=round(silent_s))} ago"
        return Seen(
            name, State.FAILED, text, f"Its power, its network. Not wanted: pivision devices disable {row['name']}"
        )
    off_s = row["clock_offset_s"] or 0.0
    if abs(off_s) > CLOCK_WRONG_S:
        return Seen(name, State.NOTE, f"its clock is off by {timedelta(seconds=round(abs(off_s)))}", "No harm is done")
    return Seen(name, State.OK, f"heard {max(0.0, silent_s):.0f} s ago")


def _people(place: Place) -> Iterator[Seen]:
    admins = place.db.execute("SELECT count(*) AS many FROM user WHERE role = 'admin' AND active = 1").fetchone()[
        "many"
    ]
    if admins:
        yield Seen("people", State.OK, f"{admins} who may change things")
    else:
        text = "nobody may change things"
        yield Seen("people", State.FAILED, text, "pivision users add NAME --role admin")


def _mail(place: Place) -> Iterator[Seen]:
    for why in place.settings.mail_problems:
        yield Seen("mail", State.NOTE, f"none is sent: {why}", "The server's and worker's environment: README.md")
    wanted = place.db.execute("SELECT 1 FROM subscriber WHERE kind = 'mail' AND enabled = 1").fetchone()
    if wanted and place.settings.mail_server is None and not place.settings.mail_problems:
        yield Seen("mail", State.NOTE, "somebody wants mail, and no NOTICE_SMTP is here", "In a shell that is so")


_OF_A_PLACE: tuple[Callable[[Place], Iterator[Seen]], ...] = (
    _disk, _worker, _duties, _retention, _dead, _cameras, _people, _mail,
)  # fmt: skip


def as_json(seen: list[Seen]) -> str:
    """One object, with the state of the whole."""
    checks = [
        {"check": each.check, "state": each.state.lower(), "text": each.text, "to_do": each.to_do} for each in seen
    ]
    return json.dumps({"well": is_well(seen), "checks": checks})


def is_well(seen: list[Seen]) -> bool:
    """Nothing failed."""
    return all(each.state is not State.FAILED for each in seen)
