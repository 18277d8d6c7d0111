"""The family of errors that an operator may meet, each with its exit code. Anything else that is raised is a bug.

StationError                 1
├── ManifestError           10   the manifest is wrong
├── NotRunning              11   nobody answers on that host
├── Busy                    12   somebody else holds the lock
├── LeaseLost               13   another host is primary
├── DamagedObject           14   a stored object is not what its record says
├── NoSuchPoint             15   there is no such restore point
├── StoreError              16   the store did not do what it was asked
├── GateFailed              17   the app did not become healthy
├── PortTaken               18   a port that we need has another owner
├── DatabaseError           19   the database cannot be read or is not a database
└── Refused                 20   we could, and will not: it would lose something
"""

from typing import ClassVar


class StationError(Exception):
    """What failed and why, in one sentence, with a hint that says what to do."""

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "the command failed; the message says why"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ManifestError(StationError):
    exit_code = 10
    meaning = "the manifest is wrong; every mistake is listed"


class NotRunning(StationError):
    exit_code = 11
    meaning = "no station is running there, or it does not answer"


class Busy(StationError):
    exit_code = 12
    meaning = "another run holds the lock; the message names it"


class LeaseLost(StationError):
    exit_code = 13
    meaning = "another host is primary, or was quicker"


class DamagedObject(StationError):
    exit_code = 14
    meaning = "a stored object is missing, cut short or altered"


class NoSuchPoint(StationError):
    exit_code = 15
    meaning = "there is no such restore point"


class StoreError(StationError):
    exit_code = 16
    meaning = "the store is gone, full or refuses"


class GateFailed(StationError):
    exit_code = 17
    meaning = "the app did not become healthy in time"


class PortTaken(StationError):
    exit_code = 18
    meaning = "a port that is needed has another owner"


class DatabaseError(StationError):
    exit_code = 19
    meaning = "the database cannot be read, or is not a SQLite database"


class Refused(StationError):
    exit_code = 20
    meaning = "refused: it would lose something that cannot be had back"


def exit_codes() -> list[tuple[int, str]]:
    """Every exit code with its meaning, in order: the table that help and docs print."""
    family: list[type[StationError]] = [StationError, *StationError.__subclasses__()]
    meanings = {error.exit_code: error.meaning for error in family if error.__module__ == __name__}
    return sorted(({0: "done", 2: "wrong usage of the command line", 130: "interrupted (Ctrl-C)"} | meanings).items())
