"""Which ways notices go, from the environment: none unless somebody names one. What opens a door is a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from station_kit import environment
from station_kit.environment import Secret
from station_kit.errors import BadSetting
from station_kit.mail import MailServer, is_address, mail_server


class WayName(StrEnum):
    """How a notice goes out."""

    NTFY = "ntfy"
    WEBHOOK = "webhook"
    MAIL = "mail"


class Shape(StrEnum):
    """What a webhook's receiver expects."""

    PLAIN = "plain"
    SLACK = "slack"
    TEAMS = "teams"


@dataclass(frozen=True)
class Ntfy:
    """A topic of an ntfy server. Whoever knows the topic can read it: it is a secret."""

    server: str
    topic: Secret = field(repr=False)


@dataclass(frozen=True)
class Webhook:
    """An address that takes JSON; whoever knows it can write there: it is a secret."""

    address: Secret = field(repr=False)
    shape: Shape


@dataclass(frozen=True)
class Mail:
    """A mail server, and who is written to."""

    server: MailServer
    to: tuple[str, ...]


@dataclass(frozen=True)
class Ways:
    """The ways that are set up, and what is wrong with those that are not quite."""

    ntfy: Ntfy | None = None
    webhook: Webhook | None = None
    mail: Mail | None = None
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[WayName, ...]:
        """Those that go to the station as a whole; mail without recipients serves subscribers alone."""
        found = (self.ntfy and WayName.NTFY, self.webhook and WayName.WEBHOOK)
        to_all = (WayName.MAIL,) if self.mail is not None and self.mail.to else ()
        return (*(name for name in found if name), *to_all)


def ways_of(environ: Mapping[str, str]) -> Ways:
    """What the environment sets up. What makes no sense is left out and named in `problems`, without any secret."""
    problems: list[str] = []
    return Ways(
        ntfy=_ntfy(environ, problems),
        webhook=_webhook(environ, problems),
        mail=_mail(environ, problems),
        problems=tuple(problems),
    )


def _ntfy(environ: Mapping[str, str], problems: list[str]) -> Ntfy | None:
    server = environ.get("NOTICE_NTFY", "").strip().rstrip("/")
    if not server:
        return None
    if not server.startswith(("https://", "http://")):
        problems.append("NOTICE_NTFY is no address of a server such as https://ntfy.sh")
        return None
    topic = _secret("ntfy_topic", environ, problems)
    return None if topic is None else Ntfy(server, topic)


def _webhook(environ: Mapping[str, str], problems: list[str]) -> Webhook | None:
    shape = environ.get("NOTICE_WEBHOOK", "").strip().lower()
    if not shape:
        return None
    if shape not in set(Shape):
        problems.append(f"NOTICE_WEBHOOK is none of {', '.join(Shape)}")
        return None
    address = _secret("notice_webhook", environ, problems)
    if address is None:
        return None
    if not address.reveal().startswith(("https://", "http://")):
        problems.append("The secret notice_webhook holds no address: write the webhook's into its file")
        return None
    return Webhook(address, Shape(shape))


def _mail(environ: Mapping[str, str], problems: list[str]) -> Mail | None:
    wrong: list[str] = []
    server = mail_server(environ, wrong)
    if server is None and not wrong:
        return None
    to = tuple(filter(None, (each.strip() for each in environ.get("NOTICE_MAIL_TO", "").split(","))))
    wrong += [f"{each!r} of the notices' mail is no e-mail address" for each in to if not is_address(each)]
    if wrong or server is None:
        problems.extend(wrong)
        return None
    return Mail(server, to)


def _secret(name: str, environ: Mapping[str, str], problems: list[str]) -> Secret | None:
    try:
        return environment.credential(name, environ)
    except BadSetting as why:
        problems.append(why.message)
        return None
