"""What the host tells an app: environment variables, and secrets as files that only the app can read."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from station_kit.errors import BadSetting

LOOPBACK = "127.0.0.1"


class Secret:
    """A text that does not show when it is printed, logged, formatted or pickled; `reveal` is the only way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


@dataclass(frozen=True)
class Environment:
    """The variables of one process of a hosted app. `port` is None in a process that serves nothing."""

    database: Path
    data: Path
    port: int | None
    bind: str
    credentials: Path | None
    host_name: str


def read(environ: Mapping[str, str], *, database_variable: str = "DATABASE_PATH") -> Environment:
    """What `environ` says, checked. BadSetting; there is no default place for a database.

    `database_variable` is the `env` of the database in `app.toml`. Without DATA_PATH the data lie beside the database.
    """
    database = database_path(environ, database_variable)
    credentials = environ.get("CREDENTIALS_DIRECTORY", "")
    return Environment(
        database=database,
        data=Path(environ.get("DATA_PATH") or database.parent),
        port=port_of(environ),
        bind=environ.get("BIND") or LOOPBACK,
        credentials=Path(credentials) if credentials else None,
        host_name=environ.get("HOST_NAME", ""),
    )


def database_path(environ: Mapping[str, str], variable: str = "DATABASE_PATH") -> Path:
    """Where the host says that the database lies. BadSetting when it does not say."""
    text = environ.get(variable, "")
    if not text:
        raise BadSetting(f"No database: {variable} is not set", f"Set {variable} to the path of the database file")
    return Path(text)


def port_of(environ: Mapping[str, str]) -> int | None:
    """The TCP port to listen on; None when there is none. BadSetting when it is no port."""
    text = environ.get("PORT", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSetting(f"No port: PORT is {text!r}", "Set PORT to a number from 1 to 65535")
    return int(text)


def credential(name: str, environ: Mapping[str, str]) -> Secret:
    """The secret of that name, without the line end. BadSetting when the host handed none over."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise BadSetting(
            f"No secret {name}: CREDENTIALS_DIRECTORY is not set",
            f"Set it to a folder with a file {name}, readable by this user only",
        )
    if not name or "/" in name or name.startswith("."):
        raise BadSetting(f"No secret {name!r}: that is no name of a secret")
    file = Path(folder) / name
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as why:
        raise BadSetting(
            f"No secret {name}: {file} cannot be read: {why.strerror}", "Name it under [secrets] of app.toml"
        ) from why
    if not text:
        raise BadSetting(f"No secret {name}: {file} is empty", "Write the secret into it")
    return Secret(text)
