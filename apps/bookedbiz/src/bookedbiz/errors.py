"""What an operator may meet: each says what failed and why, what to do, and how the command ends."""

from typing import ClassVar

from station_kit.errors import KitError


class BookedBizError(KitError):
    """The command failed and changed nothing."""

    exit_code: ClassVar[int] = 1


class WorkbookError(BookedBizError):
    """The file is no workbook that can be imported; nothing of it was."""


class ImportBusy(BookedBizError):
    """Another import is running."""


class NotReady(BookedBizError):
    """The workbook to be fetched is not there, or not whole, or not today's; nothing was imported."""

    exit_code = 4


class ReadOnlyMode(BookedBizError):
    """Nothing can be written: a standby copy, maintenance, or a database that is read-only."""


class Refused(BookedBizError):
    """A safeguard said no; the message says which, the hint how to go on anyway."""

    exit_code = 3
