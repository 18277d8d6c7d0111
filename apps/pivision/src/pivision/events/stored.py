"""Events as they are stored: the newest first, one with its pictures, what a person says of it, and its end."""

import re
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from pivision.datafolder import DataFolder
from pivision.devices.audit import By, note
from pivision.errors import PiVisionError
from pivision.events.statements import SQL
from pivision.moments import moment_of, utc_text
from pivision.pictures import filing
from station_kit.sqlitefile import transaction

LONGEST_NOTE = 1000
ROLES = ("pre", "during", "post", "annotated")
REVIEWS = ("new", "right", "wrong")

_NEVER = "9999"  # after every moment
_LAST = 2**63 - 1  # a higher number is none of SQLite's
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)[,_](\d{1,18})")


class NoSuchEvent(PiVisionError):
    """There is no event of that number, or not any more."""


class NoSuchPicture(PiVisionError):
    """The event never had that picture, or it is older than pictures are kept."""


class BadReview(PiVisionError):
    """What is said of an event is none of the words that there are for it."""


@dataclass(frozen=True)
class Place:
    """Behind this event the next older one begins. It stays where it is whatever comes or goes meanwhile."""

    at: str
    event_id: int

    def __str__(self) -> str:
        return f"{self.at}_{self.event_id}"

    @classmethod
    def of(cls, text: str) -> "Place | None":
        """The place that the text names; None when it names none."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(utc_text(moment_of(found[1])), int(found[2]))
        except ValueError:
            return None


@dataclass(frozen=True)
class Wanted:
    """Which events; None: all of them. Moments as the database has them, `until` is not among them."""

    kind: str | None = None
    device: str | None = None
    review: str | None = None
    reviewed: bool | None = None
    starred: bool | None = None
    since: str | None = None
    until: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Said:
    """What a person says of an event; None: as before."""

    review: str | None = None
    note: str | None = None
    starred: bool | None = None


def newest(db: sqlite3.Connection, wanted: Wanted, most: int, before: Place | None = None) -> list[dict[str, Any]]:
    """The newest of them, `roles` being the pictures that are still there."""
    values: dict[str, Any] = asdict(wanted)
    if wanted.words is not None:
        values["words"] = re.sub(r"([\\%_])", r"\\\1", wanted.words)
    values |= {"since": wanted.since or "", "until": wanted.until or _NEVER, "most": most}
    place = before or Place(_NEVER, 0)
    values |= {"before_at": place.at, "before_id": place.event_id}
    return [_listed(row) for row in db.execute(SQL["newest"], values)]


def listed(db: sqlite3.Connection, event_id: int) -> dict[str, Any]:
    """One as it is among the newest. NoSuchEvent."""
    at = one(db, event_id)["started_at"]
    return newest(db, Wanted(since=at), 1, Place(at, event_id + 1))[0]


def one(db: sqlite3.Connection, event_id: int) -> sqlite3.Row:
    """All of the event. NoSuchEvent."""
    row: sqlite3.Row | None = None
    if event_id <= _LAST:
        row = db.execute(SQL["event"], {"event_id": event_id}).fetchone()
    if row is None:
        raise NoSuchEvent(f"There is no event {event_id}")
    return row


def pictures(db: sqlite3.Connection, event_id: int) -> list[sqlite3.Row]:
    """Those that the event has, and had."""
    return db.execute(SQL["event_pictures"], {"event_id": event_id}).fetchall()


def picture_row(db: sqlite3.Connection, event_id: int, role: str) -> sqlite3.Row:
    """`path`, `host` and `device_id` of a picture of the event, by what it shows: no path ever comes from outside.

    NoSuchPicture. How it may be shown to people says `pivision.pictures.showing`.
    """
    row: sqlite3.Row | None = None
    if role in ROLES and event_id <= _LAST:
        row = db.execute(
            "SELECT path, device_id, event_picture.host FROM event_picture JOIN event ON event.id = event_id"
            " WHERE event_id = ? AND role = ? AND deleted_at IS NULL",
            (event_id, role),
        ).fetchone()
    if row is None:
        raise NoSuchPicture(f"Event {event_id} has no such picture, or it is older than pictures are kept")
    return row


def say(db: sqlite3.Connection, event_id: int, said: Said, by: By) -> None:
    """Right or wrong, a note, a star; what is not said stays. NoSuchEvent, BadReview."""
    if said.review not in (None, *REVIEWS):
        raise BadReview(f"Not reviewed: {said.review!r} is none of {', '.join(REVIEWS)}")
    with transaction(db):
        event = one(db, event_id)
        review = said.review or event["review"]
        words = event["note"] if said.note is None else said.note.strip()[:LONGEST_NOTE]
        starred = event["starred"] if said.starred is None else int(said.starred)
        same = review == event["review"]
        reviewed = (event["reviewed_by"], event["reviewed_at"]) if same else (by.who, by.at)
        db.execute(
            "UPDATE event SET review = ?, note = ?, starred = ?, reviewed_by = ?, reviewed_at = ? WHERE id = ?",
            (review, words, starred, *reviewed, event_id),
        )
        was = _verdict(event["review"], event["starred"])
        now = _verdict(review, starred) + (", another note" if words != event["note"] else "")
        note(db, by, "event reviewed", str(event_id), old=was, new=now)


def remove(db: sqlite3.Connection, folder: DataFolder, event_id: int, by: By) -> None:
    """The event and its pictures go: the rows first, so that nothing names a file that is gone. NoSuchEvent."""
    with transaction(db):
        event = one(db, event_id)
        paths = [row["path"] for row in pictures(db, event_id)]
        db.execute("DELETE FROM event WHERE id = ?", (event_id,))
        note(db, by, "event deleted", str(event_id), old=f"{event['kind']} of {event['started_at']}")
    for path in paths:
        filing.remove(folder.file(path), folder.events)


def _verdict(review: str, starred: int) -> str:
    """For the audit: a star keeps pictures for longer. The note itself is where it can be removed."""
    return f"{review}, starred" if starred else review


def _listed(row: sqlite3.Row) -> dict[str, Any]:
    return dict(row) | {"roles": row["roles"].split(",") if row["roles"] else []}
