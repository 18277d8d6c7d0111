"""A notice that tells nothing: does it arrive? For whoever sets one up and has no visitor at hand."""

import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

from pivision.datafolder import DataFolder
from pivision.moments import utc_text
from pivision.telling import mail, subscribers, webhook
from pivision.telling.messages import Message
from pivision.telling.subscribers import BadSubscriber, Broker, Mailbox, Subscriber
from pivision.telling.webhook import NotTold
from station_kit.mail import MailServer


def try_out(
    db: sqlite3.Connection, folder: DataFolder, name: str, mail_server: MailServer | None, now: datetime
) -> Subscriber:
    """Tell the subscriber of that name that this is a test, now. BadSubscriber, NotTold with the reason."""
    found = subscribers.by_name(db, name)
    if isinstance(found.to, Broker):
        raise BadSubscriber(
            f"{name} is a broker, which is not tried: the worker holds a line to it",
            f"Look there for {found.to.topic}/status: it says online",
        )
    if isinstance(found.to, Mailbox):
        if mail_server is None:
            raise NotTold("mail not sent: this machine knows no mail server", "Set NOTICE_SMTP in its environment")
        domain = mail_server.sender.partition("@")[2]
        mail.post(mail_server, mail.letter_of(_test(now), found.to, None, ZoneInfo("UTC"), now, domain))
    else:
        webhook.post(subscribers.address_of(folder, found.id), found.to.form, _test(now), None)
    return found


def _test(now: datetime) -> Message:
    return Message(
        event_id=0,
        moment="start",
        device="PiVision",
        title="PiVision",
        kind="test",
        slot="",
        summary="This is a test, nothing happened",
        started_at=utc_text(now),
        ended_at=None,
        confidence=1.0,
        details={},
    )
