"""Files with secrets in them: refused when somebody but their owner can read them, and never shown."""

import stat
from pathlib import Path

from station.errors import StoreError

OWNER_ONLY = stat.S_IRWXG | stat.S_IRWXO
BY_SYSTEMD = stat.S_IRWXO
"""systemd lets the service's user read by an access list, which shows in the group's bits: those may be set."""


class Secret:
    """A text that does not show when it is printed, logged or part of an error."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"


def read_secrets(path: Path, what: str, hint: str, *, forbidden: int = OWNER_ONLY, renew: str) -> str:
    """The file's text. StoreError when it cannot be read, or its mode has a bit of `forbidden`.

    `what` begins the message, in the plural ("The credentials"); `renew` says how new ones are made.
    """
    try:
        mode = path.stat().st_mode
        if mode & forbidden:
            raise StoreError(
                f"{what} {path} are refused: others can read them (mode {stat.S_IMODE(mode):04o})",
                f"chmod 0600 {path}; if somebody may have seen them, {renew}",
            )
        return path.read_text(encoding="utf-8")
    except OSError as why:
        raise StoreError(f"{what} {path} cannot be read: {why.strerror}", hint) from why
    except UnicodeDecodeError:  # which holds what was read
        raise StoreError(f"{what} {path} cannot be read: they are no text in UTF-8", hint) from None
