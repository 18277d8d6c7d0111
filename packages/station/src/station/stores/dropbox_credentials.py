"""What Dropbox is entered with: read from a file or a folder that only its owner can read, and never printed."""

import re
from dataclasses import dataclass
from pathlib import Path

from station.errors import StoreError
from station.stores.secretfile import BY_SYSTEMD, OWNER_ONLY, Secret, read_secrets

NAMES = ("DROPBOX_APP_KEY", "DROPBOX_APP_SECRET", "DROPBOX_REFRESH_TOKEN")
DATABASE_PATH = "DROPBOX_DB_PATH"
HINT = "docs/dropbox.md says how the file is made"
RENEW = "make a new token as docs/dropbox.md says"
LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
PLAIN = re.compile(r"[!-~]+")


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
    lines = _text(path, OWNER_ONLY).splitlines()
    found = [LINE.fullmatch(line.strip()) for line in lines if not line.strip().startswith("#")]
    return {one["name"]: _unquoted(one["value"]) for one in found if one}


def _of_folder(path: Path) -> dict[str, str]:
    """As systemd hands them over."""
    files = {name: path / name for name in (*NAMES, DATABASE_PATH)}
    return {name: _text(file, BY_SYSTEMD).strip() for name, file in files.items() if file.exists()}


def _text(path: Path, forbidden: int) -> str:
    return read_secrets(path, "The credentials", HINT, forbidden=forbidden, renew=RENEW)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value
