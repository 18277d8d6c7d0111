"""What Dropbox is entered with: read from a file or a folder that only its owner can read, and never printed."""

from dataclasses import dataclass
from pathlib import Path

from station.errors import StoreError
from station.stores.credentials import Wanted, read_values
from station.stores.secretfile import Secret

NAMES = ("DROPBOX_APP_KEY", "DROPBOX_APP_SECRET", "DROPBOX_REFRESH_TOKEN")
DATABASE_PATH = "DROPBOX_DB_PATH"
HINT = "docs/dropbox.md says how the file is made"
WANTED = Wanted(NAMES, (DATABASE_PATH,), HINT, "make a new token as docs/dropbox.md says")


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
    values = read_values(path, WANTED)
    database_path = values.get(DATABASE_PATH)
    if database_path is not None and not database_path.startswith("/"):
        raise StoreError(f"{DATABASE_PATH} in {path} is no path in Dropbox: it must begin with /", HINT)
    key, secret, token = (values[name] for name in NAMES)
    return DropboxCredentials(key, Secret(secret), Secret(token), database_path)
