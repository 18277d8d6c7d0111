"""The outbox: a notice is written down first, then sent each way, and what did not go is tried again later."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookedbiz.moments import utc_text
from bookedbiz.notices.sending import Letter, NotSent, Unreachable, send_by_mail, send_by_ntfy, send_by_webhook
from bookedbiz.notices.ways import WayName, Ways
from station_kit.sqlitefile import transaction
from station_kit.statements import load

KEPT_DAYS = 90
TRIED_FOR = timedelta(days=3)  # later nobody wants to hear it any more
MOST_AT_ONCE = 40
_SQL = load("bookedbiz.notices")


@dataclass(frozen=True)
class Notice:
    """What somebody is told. Loud: something failed, and waits for a person."""

    kind: str
    title: str
    body: str
    loud: bool = False


@dataclass(frozen=True)
class Sent:
    """How it went: so many letters are out, so many wait; `errors` says why."""

    sent: int
    waiting: int
    errors: tuple[str, ...] = ()


def write_notice(
    db: sqlite3.Connection, notice: Notice, ways: Iterable[WayName], now: datetime, *, user_id: int | None = None
) -> int:
    """Put it into the outbox, in the caller's transaction; its id. With a person it is for them alone."""
    at = utc_text(now)
    row = db.execute(
        "INSERT INTO notice (at, kind, loud, title, body) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (at, notice.kind, int(notice.loud), notice.title, notice.body),
    ).fetchone()
    db.executemany(
        "INSERT INTO notice_way (notice_id, way, user_id) VALUES (?, ?, ?)",
        [(int(row[0]), way.value, user_id) for way in ways],
    )
    db.execute("DELETE FROM notice WHERE at < ?", (utc_text(now - timedelta(days=KEPT_DAYS)),))
    return int(row[0])


def tell(db: sqlite3.Connection, notice: Notice, ways: Ways, now: datetime) -> Sent:
    """Write it down and send all that waits. Raises nothing of the other side; a transaction must not be open."""
    with transaction(db):
        write_notice(db, notice, ways.names, now)
    return send_waiting(db, ways, now)


def send_waiting(db: sqlite3.Connection, ways: Ways, now: datetime) -> Sent:
    """Try everything that has not gone out yet, the oldest first; a way that fails is left for the next time."""
    since = utc_text(now - TRIED_FOR)
    rows = db.execute(_SQL["waiting_letters"], {"since": since, "count": MOST_AT_ONCE}).fetchall()
    gone: dict[str, str] = {}
    errors: dict[str, str] = {}
    sent = 0
    for row in rows:
        error = gone.get(row["way"]) or _try(ways, row, gone)
        if error:
            errors[row["way"]] = error
        with transaction(db):
            db.execute(
                "UPDATE notice_way SET tries = tries + 1, error = ?, sent_at = ? WHERE id = ?",
                (error or None, None if error else utc_text(now), row["id"]),
            )
        sent += not error
    return Sent(sent, len(rows) - sent, tuple(f"{way}: {error}" for way, error in errors.items()))


def _try(ways: Ways, row: sqlite3.Row, gone: dict[str, str]) -> str:
    """Send one letter; why it did not go, "" when it did. A way whose other side is not there goes into `gone`."""
    letter = Letter(row["kind"], row["at"], row["title"], row["body"], bool(row["loud"]))
    try:
        if row["way"] == WayName.NTFY and ways.ntfy is not None:
            send_by_ntfy(ways.ntfy, letter)
        elif row["way"] == WayName.WEBHOOK and ways.webhook is not None:
            send_by_webhook(ways.webhook, letter)
        elif row["way"] == WayName.MAIL and ways.mail is not None:
            send_by_mail(ways.mail, letter, (row["email"],) if row["email"] else ways.mail.to)
        else:
            return "this way is not set up any more"
    except NotSent as why:
        if isinstance(why, Unreachable):
            gone[row["way"]] = why.message
        return why.message
    return ""
