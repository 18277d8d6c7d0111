"""What root does in a developer's folder it does as that developer: a link there leads nowhere that he may not go."""

import subprocess
from pathlib import Path

from station.errors import StationError
from station.hosts.asuser import Ended, as_user

GIVE_S = 3600.0
_GIVE = (
    'set -e; umask 077; mkdir -p "${1%/*}"; cat >"$1.new"; sync "$1.new";'
    ' rm -f "$1-wal" "$1-shm" "$1-journal"; mv -f "$1.new" "$1"; sync "${1%/*}"'
)
_TAKE_AWAY = 'set -e; for file; do rm -f "$file" "$file-wal" "$file-shm" "$file-journal"; done'


def give(source: Path, target: Path, user: str) -> None:
    """Make `target` the user's own file with what `source` holds, 0600, wholly or not at all. StationError."""
    with source.open("rb") as stream:
        _as(user, _GIVE, [target], f"{target} not written", stdin=stream.fileno())


def take_away(files: list[Path], user: str) -> None:
    """Remove databases with all that SQLite keeps beside them. StationError."""
    _as(user, _TAKE_AWAY, files, f"{files[0]} not removed")


def is_folder_of(folder: Path, user: str) -> bool:
    """Whether the user can write to the folder."""
    return _run(user, 'test -d "$1" && test -w "$1"', [folder]).code == 0


def _as(user: str, script: str, files: list[Path], what: str, stdin: int = subprocess.DEVNULL) -> None:
    ended = _run(user, script, files, stdin)
    if ended.code != 0:
        said = "it did not end" if ended.code is None else ended.err.strip()[-500:]
        raise StationError(f"{what} as {user}: {said}", "Is there room, and is the folder that user's own?")


def _run(user: str, script: str, files: list[Path], stdin: int = subprocess.DEVNULL) -> Ended:
    return as_user(user, ["/bin/sh", "-c", script, "sh", *files], within_s=GIVE_S, stdin=stdin)
