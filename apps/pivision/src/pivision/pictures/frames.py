"""The pictures as they came in: read from the segment files, where the database says they lie."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pivision.datafolder import DataFolder
from pivision.errors import PiVisionError
from pivision.moments import moment_of
from pivision.pictures.statements import SQL


class PictureGone(PiVisionError):
    """The picture was acknowledged once, and its bytes are not there any more."""


@dataclass(frozen=True)
class Frame:
    """A picture as the camera sent it."""

    capture_id: int
    device_id: int
    received_at: datetime
    width: int
    height: int
    jpeg: bytes


def read(db: sqlite3.Connection, folder: DataFolder, capture_id: int) -> Frame:
    """The picture of that number. PictureGone when retention took it, or its file is short or missing."""
    row = db.execute(SQL["frame"], {"capture_id": capture_id}).fetchone()
    if row is None or row["path"] is None:
        raise PictureGone(f"Picture {capture_id} not read: it is not kept any more")
    return _frame(row, folder)


def after(db: sqlite3.Connection, folder: DataFolder, device_id: int, capture_id: int, most: int) -> Iterator[Frame]:
    """The device's next pictures whose bytes are there and that were looked at already, in their order."""
    for row in db.execute(SQL["frames_after"], {"device_id": device_id, "after": capture_id, "most": most}).fetchall():
        try:
            yield _frame(row, folder)
        except PictureGone:
            continue


def latest(db: sqlite3.Connection, folder: DataFolder, device_id: int) -> Frame:
    """The newest picture of the device that is still there. PictureGone when there is none."""
    row = db.execute(SQL["latest_frame"], {"device_id": device_id}).fetchone()
    if row is None:
        raise PictureGone("No picture shown: none of this camera is kept", "Wait for its next one")
    return _frame(row, folder)


def _frame(row: sqlite3.Row, folder: DataFolder) -> Frame:
    try:
        with folder.file(row["path"]).open("rb") as file:
            file.seek(row["position"])
            jpeg = file.read(row["bytes"])
    except OSError as why:
        raise PictureGone(f"Picture {row['capture_id']} not read: {why.strerror}") from why
    if len(jpeg) != row["bytes"]:
        raise PictureGone(f"Picture {row['capture_id']} not read: its file ends before it")
    return Frame(row["capture_id"], row["device_id"], moment_of(row["received_at"]), row["width"], row["height"], jpeg)
