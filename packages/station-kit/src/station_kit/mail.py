"""Mail over the operator's own server: set up by the environment, sent with TLS, refused in words without a secret."""

import smtplib
import socket
import ssl
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final

from station_kit import environment
from station_kit.environment import LOOPBACK, Secret
from station_kit.errors import BadSetting, KitError

TIMEOUT_S: Final = 10.0  # for each step: whoever waits for it must not wait longer than a person would
_DEFAULT_PORT: Final = {"starttls": 587, "tls": 465, "none": 25}
_HERE: Final = ("localhost", LOOPBACK, "::1")


class MailNotSent(KitError):
    """The mail server did not want it; the message may be shown to anybody."""


class MailServerAway(MailNotSent):
    """The mail server itself is not there, or not the one that it has to be: the next mail would not arrive either."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and as whom. `password` is None when it asks for none."""

    host: str
    port: int
    security: str  # starttls, tls or none
    sender: str
    user: str = ""
    password: Secret | None = field(default=None, repr=False)


def mail_server(environ: Mapping[str, str], problems: list[str]) -> MailServer | None:
    """What NOTICE_SMTP and its companions say; None without it, and where it makes no sense: `problems` says why then.

    The password is the secret `smtp_password`, asked for when NOTICE_SMTP_USER is set.
    """
    text = environ.get("NOTICE_SMTP", "").strip()
    if not text:
        return None
    security = environ.get("NOTICE_SMTP_SECURITY", "starttls").strip().lower()
    sender, user = environ.get("NOTICE_MAIL_FROM", "").strip(), environ.get("NOTICE_SMTP_USER", "").strip()
    host, _, port = text.partition(":")
    wrong = []
    if security not in _DEFAULT_PORT:
        wrong.append(f"NOTICE_SMTP_SECURITY is none of {', '.join(_DEFAULT_PORT)}")
    if not host or (port and not _is_port(port)):
        wrong.append("NOTICE_SMTP is no HOST or HOST:PORT")
    if not is_address(sender):
        wrong.append(f"{sender!r} of the notices' mail is no e-mail address")
    if user and security == "none" and host not in _HERE:
        wrong.append("NOTICE_SMTP_SECURITY is none: the password of NOTICE_SMTP_USER would be readable on its way")
    password = _password(environ, wrong) if user else None
    if wrong:
        problems.extend(wrong)
        return None
    return MailServer(host, int(port) if port else _DEFAULT_PORT[security], security, sender, user, password)


def is_address(text: str) -> bool:
    """Whether mail can go there, by its looks."""
    if not text.isprintable() or any(sign in text for sign in ' ,;<>"') or "=?" in text:
        return False
    return text.count("@") == 1 and not text.startswith("@") and not text.endswith("@")


def one_line(text: str) -> str:
    """As a header may be: what people wrote ends no line, and `=?` begins no encoded word that a mail decodes again."""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join(plain.replace("=?", "= ?").split())


def send_mail(server: MailServer, message: EmailMessage) -> None:
    """Hand the message in; `From` is the server's sender unless the message says one. MailNotSent, MailServerAway."""
    if "From" not in message:
        message["From"] = server.sender
    try:
        _hand_in(server, message)
    except smtplib.SMTPAuthenticationError as why:
        raise MailNotSent(f"the mail server refused the user ({why.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused:
        raise MailNotSent("the mail server refused every recipient") from None
    except smtplib.SMTPResponseException as why:
        raise MailNotSent(f"the mail server answered {why.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        what = "STARTTLS" if server.security == "starttls" else "the login"
        raise MailServerAway(f"the mail server does not offer {what}") from None
    except (smtplib.SMTPException, OSError) as why:
        raise MailServerAway(reason(why, "the mail server")) from None


def reason(why: object, who: str) -> str:
    """Of what went wrong on the network only its kind: the text of an error may hold an address, a user, a password."""
    if isinstance(why, TimeoutError):
        return f"{who} did not answer within {TIMEOUT_S:g} s"
    if isinstance(why, socket.gaierror):
        return f"the name of {who} is not known"
    if isinstance(why, ConnectionRefusedError):
        return f"{who} refused the connection"
    if isinstance(why, ssl.SSLError):
        return f"{who} could not prove who it is ({type(why).__name__})"
    return f"{who} could not be reached ({type(why).__name__})"


def _hand_in(server: MailServer, message: EmailMessage) -> None:
    connection = _connected(server)
    try:
        if server.password is not None:
            connection.login(server.user, server.password.reveal())
        connection.send_message(message)
        with suppress(smtplib.SMTPException, OSError):  # it has the message: how it takes leave does not matter
            connection.quit()
    finally:
        connection.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    """A connection that nobody can read along, but for `none`."""
    if server.security == "tls":
        trusted = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=trusted)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
    except BaseException:
        connection.close()
        raise
    return connection


def _password(environ: Mapping[str, str], wrong: list[str]) -> Secret | None:
    try:
        return environment.credential("smtp_password", environ)
    except BadSetting as why:
        wrong.append(why.message)
        return None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535
