"""Giving a file over SFTP its name: only if that is free, or in place of what has it; in one step either way."""

import random
from contextlib import suppress

from station.errors import StoreError
from station.stores.sftp.line import Line
from station.stores.sftp.session import ABSENT, HARD_LINK, RENAME_OVER, Refusal, Session

FOLDER_MODE = 0o700  # it holds all that the apps know
MOST_TRIES = 5  # how often folders are made anew because another takes them away, being empty
OLDEST_S = 10_000_000  # times of 1970 to 2001: no file of ours has one


class Names:
    """Names in one store."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def give_new(self, what: str, fresh: str, key: str) -> bool:
        """Name the file unless the name is taken; exactly one of any number of racers is told True.

        When the answer got lost it is looked up whether the name is ours. The file's own name may remain.
        """
        return self._line.run(
            what,
            lambda session: self._give_new(session, fresh, key, in_doubt=False),
            lambda session: self._give_new(session, fresh, key, in_doubt=True),
        )

    def give(self, what: str, fresh: str, key: str) -> None:
        """Name the file, in place of what has the name."""
        self._line.run(
            what,
            lambda session: self._give(session, fresh, key, in_doubt=False),
            lambda session: self._give(session, fresh, key, in_doubt=True),
        )

    def _give_new(self, session: Session, fresh: str, key: str, *, in_doubt: bool) -> bool:
        final = self._path(key)
        by_link = HARD_LINK in session.extensions
        for _ in range(MOST_TRIES):
            try:
                if by_link:
                    session.link(fresh, final)
                else:  # it replaces nothing either; some servers look first and rename then
                    session.rename(fresh, final)
            except Refusal as why:
                if session.found(final) is not None:
                    return in_doubt and (_is_same(session, fresh, final) if by_link else not session.found(fresh))
                if why.code != ABSENT:
                    raise self._cannot_link(key, why) from None
                self._make_folders(session, key)
                continue
            return True
        raise self._restless(key)

    def _give(self, session: Session, fresh: str, key: str, *, in_doubt: bool) -> None:
        if RENAME_OVER not in session.extensions:
            server = self._line.place.server
            raise StoreError(
                f"Could not replace {key} in the store {self._line.name}: {server} cannot do that in one step",
                f"It does not offer {RENAME_OVER}: use OpenSSH's SFTP server there",
            )
        final = self._path(key)
        for _ in range(MOST_TRIES):
            try:
                session.rename_over(fresh, final)
            except Refusal as why:
                if why.code != ABSENT:
                    raise
                if in_doubt and session.found(fresh) is None and session.found(final) is not None:
                    return  # it was done, and the answer got lost
                self._make_folders(session, key)
                continue
            return
        raise self._restless(key)

    def _make_folders(self, session: Session, key: str) -> None:
        self._line.require_store(session)
        if "/" in key:
            make_folders(session, self._path(key.rpartition("/")[0]), below=self._path(""))

    def _path(self, key: str) -> str:
        return f"{self._line.place.path.rstrip('/')}/{key}"

    def _cannot_link(self, key: str, why: Refusal) -> StoreError:
        return StoreError(
            f"Could not create {key} in the store {self._line.name}: the server made no second name for a file ({why})",
            "Has the disk over there hard links? exFAT and FAT have none, and without them two hosts could create "
            "one key: use another file system",
        )

    def _restless(self, key: str) -> StoreError:
        return StoreError(
            f"Could not name {key} in the store {self._line.name}: its folder, or the file, goes away again and again",
            "Does somebody tidy up there? Try again",
        )


def make_folders(session: Session, path: str, below: str = "/") -> None:
    """Make a folder and those above it that are missing, down from `below`, which ends with a slash."""
    parts = path.removeprefix(below).strip("/").split("/")
    for depth in range(len(parts)):
        folder = below + "/".join(parts[: depth + 1])
        if session.found(folder) is not None:
            continue
        try:
            session.mkdir(folder, FOLDER_MODE)
        except Refusal:  # another was quicker, or we may not
            if session.found(folder) is None:
                raise


def _is_same(session: Session, fresh: str, final: str) -> bool:
    """Whether both are names of one file: SFTP tells no inodes, but a time set through one name shows at the other."""
    before = session.found(fresh)
    if before is None:
        return False
    mark = random.SystemRandom().randrange(OLDEST_S, 100 * OLDEST_S)
    with suppress(Refusal):
        session.utime(fresh, (mark, mark))
        there = session.found(final)
        session.utime(fresh, (before.st_atime, before.st_mtime))
        return there is not None and there.st_mtime == mark
    return False
