"""What the web half is told before it starts: read once from the environment, and complete, or it does not start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bookedbiz.errors import BookedBizError
from bookedbiz.notices.ways import Ways, ways_of
from station_kit import environment
from station_kit.environment import LOOPBACK, Secret
from station_kit.errors import BadSetting

DEFAULT_PORT = 8000
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"", "false", "0", "no", "off"})
SHORTEST_SECRET_KEY = 16  # characters; sessions are signed with it, and a short one can be guessed


class StartRefused(BookedBizError):
    """A setting is missing or makes no sense; the message names every one of them."""


@dataclass(frozen=True)
class Settings:
    """One web process: which database it serves, where, and what it signs sessions with."""

    database: Path
    secret_key: Secret = field(repr=False)
    port: int = DEFAULT_PORT
    bind: str = LOOPBACK
    host_name: str = ""
    data: Path | None = None  # the folder of the workbooks; None: beside the database
    read_only: bool = False
    tailscale_socket: Path | None = None  # of the daemon that is asked who a visitor is; None: passwords alone
    ways: Ways = field(default_factory=Ways)  # how notices go out; none by default
    insertion_orders: Path | None = None  # the folder of the orders on the mounted drive; None: none are kept

    @property
    def workbooks(self) -> Path:
        """The folder of the workbooks."""
        return self.data or self.database.parent

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that `environ` and its credentials give. StartRefused, with all that is missing at once."""
        problems: list[BadSetting] = []
        try:
            found = environment.read(environ)
        except BadSetting as why:
            problems.append(why)
        try:
            secret_key = _secret_key(environ)
        except BadSetting as why:
            problems.append(why)
        read_only = environ.get("READ_ONLY_MODE", "").strip().lower()
        if read_only not in _TRUE | _FALSE:
            problems.append(BadSetting(f"READ_ONLY_MODE is {read_only!r}", "Set READ_ONLY_MODE to true or false"))
        if problems:
            raise StartRefused(
                "BookedBiz not started: " + "; ".join(problem.message for problem in problems),
                "\n        ".join(problem.hint for problem in problems if problem.hint),
            )
        return cls(
            database=found.database,
            secret_key=secret_key,
            port=found.port or DEFAULT_PORT,
            bind=found.bind,
            host_name=found.host_name,
            data=found.data,
            read_only=read_only in _TRUE,
            tailscale_socket=Path(environ["TAILSCALE_SOCKET"]) if environ.get("TAILSCALE_SOCKET") else None,
            ways=ways_of(environ),
            insertion_orders=Path(environ["INSERTION_ORDERS"]) if environ.get("INSERTION_ORDERS") else None,
        )


def _secret_key(environ: Mapping[str, str]) -> Secret:
    secret = environment.credential("secret_key", environ)
    if len(secret.reveal()) < SHORTEST_SECRET_KEY:
        raise BadSetting(
            f"Secret secret_key is shorter than {SHORTEST_SECRET_KEY} characters",
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    return secret
