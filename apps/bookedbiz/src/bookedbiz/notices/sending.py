"""Send one notice one way, or say why it did not go: in words that hold no address, topic or password."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bookedbiz.errors import BookedBizError
from bookedbiz.notices.ways import Mail, Ntfy, Shape, Webhook
from station_kit.mail import TIMEOUT_S, MailNotSent, MailServerAway, one_line, reason, send_mail

_LOUD, _QUIET = 5, 2  # priorities of ntfy: the highest, and low, which makes no sound


class NotSent(BookedBizError):
    """The other side could not be reached or did not want it; the message may be shown to anybody."""


class Unreachable(NotSent):
    """The other side itself is not there: the next letter would not arrive either."""


@dataclass(frozen=True)
class Letter:
    """What is sent."""

    kind: str
    at: str
    title: str
    body: str
    loud: bool


def send_by_ntfy(way: Ntfy, letter: Letter) -> None:
    """Publish it; the topic is in the body, not in the address."""
    _post(
        way.server,
        {
            "topic": way.topic.reveal(),
            "title": letter.title,
            "message": letter.body or letter.title,
            "priority": _LOUD if letter.loud else _QUIET,
        },
    )


def send_by_webhook(way: Webhook, letter: Letter) -> None:
    """Post it in the shape that the receiver expects."""
    plain: dict[str, object] = {
        "kind": letter.kind, "at": letter.at, "title": letter.title, "body": letter.body, "loud": letter.loud,
    }  # fmt: skip
    shapes: dict[Shape, dict[str, object]] = {
        Shape.PLAIN: plain,
        Shape.SLACK: {"text": f"*{letter.title}*\n{letter.body}"},
        Shape.TEAMS: {
            "@type": "MessageCard",
            "@context": "https://schema.org/extensions",
            "summary": letter.title,
            "title": letter.title,
            "text": letter.body.replace("\n", "  \n"),
            "themeColor": "B3261E" if letter.loud else "2E7D32",
        },
    }
    _post(way.address.reveal(), shapes[way.shape])


def send_by_mail(way: Mail, letter: Letter, to: tuple[str, ...]) -> None:
    """Hand it to the mail server."""
    message = EmailMessage()
    message["From"], message["To"] = way.server.sender, ", ".join(to)
    message["Subject"] = one_line(letter.title)
    if letter.loud:
        message["X-Priority"], message["Importance"] = "1", "high"
    message.set_content(letter.body or letter.title)
    try:
        send_mail(way.server, message)
    except MailServerAway as why:
        raise Unreachable(why.message) from None
    except MailNotSent as why:
        raise NotSent(why.message) from None


class _NoRedirect(HTTPRedirectHandler):
    """What is posted goes where it was told to, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_open = build_opener(_NoRedirect()).open


def _post(address: str, content: Mapping[str, object]) -> None:
    body = json.dumps(content).encode()
    try:
        request = Request(address, body, {"Content-Type": "application/json", "User-Agent": "BookedBiz"})
        with _open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except HTTPError as why:
        code = why.code
        why.close()
        raise NotSent(f"the other side answered {code}") from None
    except URLError as why:
        raise Unreachable(reason(why.reason, "the other side")) from None
    except (OSError, HTTPException, ValueError) as why:
        raise Unreachable(reason(why, "the other side")) from None
