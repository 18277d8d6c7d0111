"""The thread that tells others: what is due, one after the other; a subscriber that is away holds up nobody else."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.moments import moment_of, utc_text
from pivision.pictures.beside import NotJoined, side_by_side
from pivision.pictures.privacy import NotBlurred
from pivision.pictures.showing import veil_of
from pivision.telling import mail, messages, subscribers, webhook
from pivision.telling.messages import Message
from pivision.telling.mqtt import Line
from pivision.telling.statements import SQL
from pivision.telling.subscribers import BadSubscriber, Broker, Mailbox, Subscriber
from pivision.telling.webhook import NotTold
from station_kit.environment import Secret
from station_kit.mail import MailServer
from station_kit.sqlitefile import transaction

LOOK_EVERY_S = 1.0

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Deliverer:
    """Holds the connections to brokers."""

    def __init__(
        self,
        db: sqlite3.Connection,
        folder: DataFolder,
        now: Callable[[], datetime] = utc_now,
        mail_server: MailServer | None = None,
    ) -> None:
        self._db, self._folder, self._now, self._mail_server = db, folder, now, mail_server
        self._lines: dict[int, Line] = {}

    def deliver_due(self) -> int:
        """How many messages arrived."""
        people = {each.id: each for each in subscribers.everybody(self._db)}
        for gone in self._lines.keys() - {each.id for each in people.values() if each.enabled}:
            self._lines.pop(gone).close()
        told, away = 0, set[int]()
        for row in self._db.execute(SQL["deliveries_due"], {"now": utc_text(self._now())}).fetchall():
            if row["subscriber_id"] not in away:  # in order: what comes after waits for what did not arrive
                arrived = self._deliver(row, people[row["subscriber_id"]])
                told += arrived
                if not arrived:
                    away.add(row["subscriber_id"])
        return told

    def close(self) -> None:
        """Take leave of the brokers."""
        for line in self._lines.values():
            line.close()

    def _deliver(self, row: sqlite3.Row, to: Subscriber) -> bool:
        """Whether the subscriber needs nothing more of it."""
        event = self._db.execute(SQL["event_told"], {"event_id": row["event_id"]}).fetchone()
        about = messages.message(event, row["moment"])
        unwanted = messages.why_not(to.to.wishes, about, self._zone()) or self._said_already(to, about)
        if unwanted:
            self._end(row["id"], unwanted, given_up=True)
            return True
        try:
            self._send(to, about, event)
        except (NotTold, BadSubscriber) as why:
            self._again(row, about, why.message)
            return False
        self._end(row["id"])
        return True

    def _said_already(self, to: Subscriber, about: Message) -> str:
        """Why there is no second mail; "" when there is: a visit's end is one only for the picture after it."""
        if about.moment == "start" or about.kind not in messages.AT_THE_STAND or not isinstance(to.to, Mailbox):
            return ""
        values = {"subscriber_id": to.id, "event_id": about.event_id}
        return "said already" if self._db.execute(SQL["brings_nothing"], values).fetchone() else ""

    def _send(self, to: Subscriber, about: Message, event: sqlite3.Row) -> None:
        if isinstance(to.to, Mailbox):
            self._mail(about, to.to, event)
            return
        picture = self._picture(event["device_id"], event["picture"]) if to.to.wishes.with_picture else None
        if isinstance(to.to, Broker):
            password = subscribers.secrets_of(self._folder, to.id).get("password")
            self._line(to, to.to, password).tell(about, picture)
        else:
            webhook.post(subscribers.address_of(self._folder, to.id), to.to.form, about, picture)

    def _mail(self, about: Message, to: Mailbox, event: sqlite3.Row) -> None:
        if self._mail_server is None:
            raise NotTold("mail not sent: this machine knows no mail server (NOTICE_SMTP)")
        shot = self._shot(event) if to.wishes.with_picture else None
        domain = self._mail_server.sender.partition("@")[2]
        mail.post(self._mail_server, mail.letter_of(about, to, shot, self._zone(), self._now(), domain))

    def _line(self, to: Subscriber, broker: Broker, password: Secret | None) -> Line:
        line = self._lines.get(to.id)
        if line is None or line.broker != broker:
            line = self._lines[to.id] = Line(str(to.id), broker, password)
        line.open(self._db.execute(SQL["cameras_told"]).fetchall())
        return line

    def _again(self, row: sqlite3.Row, about: Message, why: str) -> None:
        attempts, now = row["attempts"] + 1, self._now()
        over = (now - moment_of(about.started_at)).total_seconds() > messages.GIVE_UP_S
        _log.warning("not told event=%d attempts=%d why=%s", about.event_id, attempts, why)
        if over:
            self._end(row["id"], why, given_up=True)
            return
        after = utc_text(now + timedelta(seconds=messages.again_after_s(attempts)))
        with transaction(self._db):
            self._db.execute(
                "UPDATE delivery SET attempts = ?, run_after = ?, last_error = ? WHERE id = ?",
                (attempts, after, why, row["id"]),
            )

    def _end(self, delivery_id: int, why: str | None = None, *, given_up: bool = False) -> None:
        at = utc_text(self._now())
        values = {"delivery_id": delivery_id, "delivered_at": None if given_up else at, "why": why}
        with transaction(self._db):
            self._db.execute(SQL["end_delivery"], values | {"given_up_at": at if given_up else None})

    def _picture(self, device_id: int, path: str | None) -> bytes | None:
        """As people may see it; None when it is gone, or cannot be blurred where it has to be."""
        if path is None:
            return None
        try:
            return veil_of(self._db, device_id).over(self._folder.file(path).read_bytes())
        except (OSError, NotBlurred):
            return None

    def _shot(self, event: sqlite3.Row) -> mail.Shot | None:
        """Before and after where both are there, else the most telling one."""
        rows = self._db.execute(SQL["told_pictures"], {"event_id": event["id"]}).fetchall()
        found = {row["role"]: self._picture(event["device_id"], row["path"]) for row in rows}
        before, after = found.get("pre"), found.get("post")
        if before is not None and after is not None:
            try:
                return mail.Shot(side_by_side(before, after), is_pair=True)
            except NotJoined:
                pass
        one = next((jpeg for jpeg in found.values() if jpeg is not None), None)
        return mail.Shot(one, is_pair=False) if one is not None else None

    def _zone(self) -> ZoneInfo:
        row = self._db.execute("SELECT value FROM setting WHERE name = 'time_zone'").fetchone()
        return ZoneInfo(json.loads(row["value"])) if row else ZoneInfo("UTC")


def keep_delivering(
    database: Path, folder: DataFolder, stop: threading.Event, mail_server: MailServer | None = None
) -> None:
    """Until `stop` is set; what goes wrong is logged, and tried again."""
    with closing(open_durable(database)) as db:
        deliverer = Deliverer(db, folder, mail_server=mail_server)
        while not stop.wait(LOOK_EVERY_S):
            try:
                deliverer.deliver_due()
            except Exception:  # noqa: BLE001 - the outermost loop: one message must not end all others
                _log.exception("telling failed")
        deliverer.close()
