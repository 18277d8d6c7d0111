"""What Dropbox is entered with: read from a file or a folder that only its owner can read, and never printed."""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from station.errors import StoreError

NAMES = ("DROPBOX_APP_KEY", "DROPBOX_APP_SECRET", "DROPBOX_REFRESH_TOKEN")
DATABASE_PATH = "DROPBOX_DB_PATH"
HINT = "docs/dropbox.md says how the file is made"
LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
PLAIN = re.compile(r"[!-~]+")


class Secret:
    """A text that does not show when it is printed, logged or part of an error."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True)
class DropboxCredentials:
    """One app and one user's leave for it. `database_path`: where in Dropbox the copy named database.db goes."""

    app_key: str
    app_secret: Secret
    refresh_token: Secret
    database_path: str | None = None


def read_credentials(path: Path) -> DropboxCredentials:
    """The credentials of an env file (0600), or of a folder with one file each, as systemd hands them over.

    StoreError when something is missing or others can read it.
    """
    values = _of_folder(path) if path.is_dir() else _of_file(path)
    missing = [name for name in NAMES if not values.get(name)]
    if missing:
        raise StoreError(f"The credentials in {path} are not complete: {', '.join(missing)} missing", HINT)
    for name in NAMES:
        if not PLAIN.fullmatch(values[name]):
            raise StoreError(f"{name} in {path} cannot be right: it holds blanks or characters beyond ASCII", HINT)
    database_path = values.get(DATABASE_PATH) or None
    if database_path is not None and not database_path.startswith("/"):
        raise StoreError(f"{DATABASE_PATH} in {path} is no path in Dropbox: it must begin with /", HINT)
    key, secret, token = (values[name] for name in NAMES)
    return DropboxCredentials(key, Secret(secret), Secret(token), database_path)


def _of_file(path: Path) -> dict[str, str]:
    _refuse_readable(path, stat.S_IRWXG | stat.S_IRWXO)
    lines = _text(path).splitlines()
    found = [LINE.fullmatch(line.strip()) for line in lines if not line.strip().startswith("#")]
    return {one["name"]: _unquoted(one["value"]) for one in found if one}


def _of_folder(path: Path) -> dict[str, str]:
    """systemd lets the service's user read by an access list, which shows in the group's bits: those may be set."""
    values = {}
    for name in (*NAMES, DATABASE_PATH):
        if (file := path / name).exists():
            _refuse_readable(file, stat.S_IRWXO)
            values[name] = _text(file).strip()
    return values


def _refuse_readable(path: Path, forbidden: int) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as why:
        raise StoreError(f"The credentials {path} cannot be read: {why.strerror}", HINT) from why
    if mode & forbidden:
        raise StoreError(
            f"The credentials {path} are refused: others can read them (mode {stat.S_IMODE(mode):04o})",
            f"chmod 0600 {path}; if somebody may have seen them, make a new token as docs/dropbox.md says",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as why:
        raise StoreError(f"The credentials {path} cannot be read: {why.strerror}", HINT) from why
    except UnicodeDecodeError as why:
        raise StoreError(f"The credentials {path} cannot be read: they are no text in UTF-8", HINT) from why


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value
