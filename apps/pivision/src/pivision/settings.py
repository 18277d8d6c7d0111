"""What the processes are told before they start: read once from the environment, and complete, or they do not start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pivision.datafolder import DataFolder
from pivision.errors import StartRefused
from station_kit import environment
from station_kit.environment import LOOPBACK, Secret
from station_kit.errors import BadSetting
from station_kit.mail import MailServer, mail_server

DEFAULT_PORT = 8080
SHORTEST_SECRET_KEY = 16  # characters; sessions are signed with it, and a short one can be guessed
_A_SECRET_KEY = (
    "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))' > FILE, readable by this user only;"
    " in a fleet it is named under [secrets] of app.toml"
)


@dataclass(frozen=True)
class Settings:
    """One process of the appliance. `secret_key` is None in one that serves no pages."""

    database: Path
    data: Path
    credentials: Path | None = None
    secret_key: Secret | None = field(default=None, repr=False)
    port: int = DEFAULT_PORT
    bind: str = LOOPBACK
    host_name: str = ""
    presence_model: Path | None = None  # an ONNX file of the operator's
    mail_server: MailServer | None = None
    mail_problems: tuple[str, ...] = ()  # why there is none though one is named

    @property
    def folder(self) -> DataFolder:
        """Where the files are, on this machine."""
        return DataFolder(self.data, self.host_name)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, pages: bool = True) -> "Settings":
        """The settings that `environ` and its credentials give. StartRefused, with all that is missing at once."""
        problems: list[BadSetting] = []
        found: environment.Environment | None = None
        secret_key: Secret | None = None
        try:
            found = environment.read(environ)
        except BadSetting as why:
            problems.append(why)
        if pages:
            try:
                secret_key = _secret_key(environ)
            except BadSetting as why:
                problems.append(why)
        if problems or found is None:
            raise StartRefused(
                "PiVision not started: " + "; ".join(problem.message for problem in problems),
                "\n        ".join(problem.hint for problem in problems if problem.hint),
            )
        mail_problems: list[str] = []
        server = mail_server(environ, mail_problems)
        return cls(
            database=found.database,
            data=found.data,
            credentials=found.credentials,
            secret_key=secret_key,
            port=found.port or DEFAULT_PORT,
            bind=found.bind,
            host_name=found.host_name,
            presence_model=Path(environ["PRESENCE_MODEL"]) if environ.get("PRESENCE_MODEL") else None,
            mail_server=server,
            mail_problems=tuple(mail_problems),
        )


def _secret_key(environ: Mapping[str, str]) -> Secret:
    try:
        secret = environment.credential("secret_key", environ)
    except BadSetting as why:
        if not environ.get("CREDENTIALS_DIRECTORY"):
            raise
        raise BadSetting(why.message, _A_SECRET_KEY) from why
    if len(secret.reveal()) < SHORTEST_SECRET_KEY:
        raise BadSetting(
            f"Secret secret_key is shorter than {SHORTEST_SECRET_KEY} characters",
            _A_SECRET_KEY,
        )
    return secret
