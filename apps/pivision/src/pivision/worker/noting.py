"""From a finding to an event with its pictures. Done twice, it is one event: files are named by what they show."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pivision.datafolder import DataFolder
from pivision.moments import utc_text
from pivision.pictures import frames
from pivision.pictures.filing import write_durably
from pivision.pictures.frames import Frame, PictureGone
from pivision.telling.outbox import announce
from pivision.vision.findings import Finding, Kind, Moment
from pivision.worker.statements import SQL
from pivision.worker.watch import Watch

_WORDS: Mapping[Kind, str] = {
    Kind.INTERACTION: "Somebody reached into the stand",
    Kind.STOCK_CHANGED: "The goods differ from before",
    Kind.RESTOCKED: "There are more goods than before",
    Kind.EMPTY_CONFIRMED: "It is empty",
    Kind.OBSTRUCTED: "The camera is covered",
    Kind.SHIFTED: "The camera was moved",
    Kind.DARK: "It is too dark to see",
}
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Picture:
    """A picture of an event, already on the disk."""

    role: str
    capture_id: int
    path: str
    width: int
    height: int
    bytes: int
    host: str


@dataclass(frozen=True)
class Noted:
    """A finding whose pictures are kept already: what is left is rows."""

    finding: Finding
    pictures: tuple[Picture, ...] = field(default_factory=tuple)


def keep_pictures(db: sqlite3.Connection, folder: DataFolder, watch: Watch, finding: Finding) -> Noted:
    """Copy out what the finding shows, as the camera sent it, durably. What is gone is left out: the event stays."""
    pictures = []
    for role, capture_id in (("pre", finding.pre), ("during", finding.during), ("post", finding.post)):
        if capture_id is None:
            continue
        try:
            frame = frames.read(db, folder, capture_id)
        except PictureGone:
            continue
        pictures.append(_keep(folder, watch, finding, role, frame))
    return Noted(finding, tuple(pictures))


def store(db: sqlite3.Connection, watch: Watch, noted: Noted, now: datetime) -> None:
    """The event's rows; in the caller's transaction. A finding that ends continues the event that it began."""
    finding = noted.finding
    event_id, is_new, was_open = _event(db, watch, finding, now)
    for each in noted.pictures:
        values = {"event_id": event_id, "stored_at": utc_text(now), **vars(each)}
        db.execute(SQL["store_picture"], values)
    if is_new and finding.moment is Moment.BEGUN:
        announce(db, event_id, "start", now)
    elif finding.moment is Moment.ENDED and (is_new or was_open):
        announce(db, event_id, "end", now)


def _event(db: sqlite3.Connection, watch: Watch, finding: Finding, now: datetime) -> tuple[int, bool, bool]:
    """Its id, whether it is a new one, whether it had not ended."""
    key = {
        "device_id": watch.device_id,
        "kind": finding.kind,
        "slot": finding.slot,
        "start_capture_id": finding.started_frame,
        "started_at": _moment(finding.started_s),
    }
    seen = finding.observed_interaction
    presence = finding.details.get("presence")
    values = {
        **key,
        "ended_at": _moment(finding.at_s) if finding.moment is Moment.ENDED else None,
        "confidence": min(1.0, max(0.0, finding.confidence)),
        "observed_interaction": None if seen is None else int(seen),
        "person_count": presence["persons"] if presence else None,
        "summary": finding.summary or _WORDS[finding.kind],
        "details": json.dumps(dict(finding.details) | {"config_version": watch.config.version}),
        "created_at": utc_text(now),
    }
    found = db.execute(SQL["event_of"], key).fetchone()
    if found is None:
        return int(db.execute(SQL["add_event"], values).fetchone()["id"]), True, False
    if finding.moment is Moment.ENDED:
        db.execute(SQL["end_event"], values | {"event_id": found["id"]})
    return int(found["id"]), False, found["ended_at"] is None


def _keep(folder: DataFolder, watch: Watch, finding: Finding, role: str, frame: Frame) -> Picture:
    day = datetime.fromtimestamp(finding.started_s, UTC)
    slot = f"-{_PLAIN.sub('-', finding.slot)}" if finding.slot else ""
    place = f"events/{watch.name}/{day:%Y-%m-%d}/{finding.started_frame}-{finding.kind}{slot}"
    path = f"{place}/{role}-{frame.capture_id}.jpg"
    write_durably(folder.file(path), frame.jpeg)
    return Picture(role, frame.capture_id, path, frame.width, frame.height, len(frame.jpeg), folder.host)


def _moment(at_s: float) -> str:
    return utc_text(datetime.fromtimestamp(at_s, UTC))
