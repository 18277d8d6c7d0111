"""An event as a mail: words, and the picture beside them. A later one about the same event hangs below the first."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from pivision.moments import moment_of
from pivision.telling.messages import Message
from pivision.telling.subscribers import Mailbox
from pivision.telling.webhook import NotTold
from station_kit.mail import MailNotSent, MailServer, one_line, send_mail


@dataclass(frozen=True)
class Shot:
    """The picture that goes along. `is_pair`: before and after, side by side."""

    jpeg: bytes
    is_pair: bool


def post(server: MailServer, letter: EmailMessage) -> None:
    """Hand it in. NotTold; the message holds no address and no password."""
    try:
        send_mail(server, letter)
    except MailNotSent as why:
        raise NotTold(f"mail not sent: {why.message}") from None


def letter_of(
    about: Message, to: Mailbox, shot: Shot | None, zone: ZoneInfo, now: datetime, domain: str
) -> EmailMessage:
    """What is sent; of the same event and moment it has the same Message-ID, in the sender's domain."""
    letter = EmailMessage()
    letter["To"] = ", ".join(to.to)
    letter["Subject"] = about.headline
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = _name(about, about.moment, domain)
    letter["Auto-Submitted"] = "auto-generated"
    if about.moment == "end":
        letter["In-Reply-To"] = letter["References"] = _name(about, "start", domain)
    letter.set_content(_words(about, shot, zone))
    if shot is not None:
        name = f"event-{about.event_id}.jpg"
        letter.add_attachment(shot.jpeg, maintype="image", subtype="jpeg", filename=name, disposition="inline")
    return letter


def _words(about: Message, shot: Shot | None, zone: ZoneInfo) -> str:
    began = moment_of(about.started_at).astimezone(zone)
    lines = [about.headline, "", f"Began: {began:%A, %B %-d, %H:%M:%S}"]
    if about.ended_at and about.ended_at != about.started_at:
        lines.append(f"Ended: {moment_of(about.ended_at).astimezone(zone):%H:%M:%S}")
    lines.append(f"Camera: {about.title}" + (f" ({about.device})" if about.title != about.device else ""))
    if about.slot:
        lines.append(f"Goods: {about.slot}")
    lines += [f"Sure: {about.confidence:.0%}", f"Event: {about.event_id}"]
    if shot is not None and shot.is_pair:
        lines += ["", "Before is on the left, after on the right."]
    return "\n".join(map(one_line, lines)) + "\n"


def _name(about: Message, moment: str, domain: str) -> str:
    began = "".join(sign for sign in about.started_at if sign.isdigit())
    return f"<pivision.{about.event_id}.{began}.{moment}@{domain}>"
