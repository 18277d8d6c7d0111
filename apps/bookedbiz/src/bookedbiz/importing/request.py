"""What an import is asked to do. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

Progress = Callable[[str, int], None]  # is told what an import does, and of how many lines or months it has done


def in_silence(_: str, __: int) -> None:
    """The progress of who does not look."""


class Mode(StrEnum):
    """As the batch records it."""

    WEEKLY = "WEEKLY_UPDATE"  # the daily log: open months
    CLOSE = "HISTORICAL"  # accounting's recap: replaces the ticked months and closes them
    MANUAL = "MANUAL"  # refuses a file with closed months


@dataclass(frozen=True)
class ImportRequest:
    """A file, how to read it, for whom, and which safeguards may be passed."""

    file: Path
    by: str
    now: datetime
    mode: Mode = Mode.WEEKLY
    dry_run: bool = False
    accept_drop: bool = False  # a month may lose more than its share of rows or dollars
    include_past: bool = False  # months before the current one, though the ledger has rows for them
    months: frozenset[int] = frozenset()  # the ticked ones, when closing
    reason: str | None = None  # for closing a closed month again
