"""Where a month stands: closed by accounting, ended, running or ahead; and which of them may be compared. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bookedbiz.months import label, month_of
from bookedbiz.reports.filters import Span


class State(StrEnum):
    """Where a month stands, in the words that the reports show."""

    CLOSED = "closed"
    ENDED = "open"
    RUNNING = "running"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Calendar:
    """The station's today, and the months that accounting has closed."""

    today: date
    closed: frozenset[int]

    @property
    def month(self) -> int:
        """The current month: the calendar month of the station's today."""
        return month_of(self.today)

    def state(self, month: int) -> State:
        """Where a month stands today."""
        if month in self.closed:
            return State.CLOSED
        if month < self.month:
            return State.ENDED
        return State.RUNNING if month == self.month else State.AHEAD

    def is_complete(self, month: int) -> bool:
        """Whether all of it has been aired, so that a comparison with last year's is fair."""
        return self.state(month) in (State.CLOSED, State.ENDED)

    def counted(self, year: int, span: Span) -> list[int]:
        """The months of a year that a span counts."""
        months = months_of(year)
        if span is Span.ENDED:
            return [month for month in months if self.is_complete(month)]
        if span is Span.CLOSED:
            return [month for month in months if month in self.closed]
        return months

    def compared(self, year: int, span: Span) -> list[int]:
        """The counted months that are complete: only these are compared with the same months of another year."""
        return [month for month in self.counted(year, span) if self.is_complete(month)]


def months_of(year: int) -> list[int]:
    """January to December."""
    return [year * 100 + number for number in range(1, 13)]


def quarters_of(year: int) -> list[list[int]]:
    """The months of each quarter."""
    months = months_of(year)
    return [months[start : start + 3] for start in range(0, 12, 3)]


def in_year(months: Sequence[int], year: int) -> list[int]:
    """The same months of another year."""
    return [year * 100 + month % 100 for month in months]


def short(month: int) -> str:
    """`Nov`."""
    return label(month)[:3]


def range_words(months: Sequence[int]) -> str:
    """`Jan\u2013Oct`, `Mar`, `Jan, Mar\u2013May`; `no month` for none."""
    runs: list[list[int]] = []
    for month in months:
        if runs and runs[-1][-1] + 1 == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    words = [short(run[0]) if len(run) == 1 else f"{short(run[0])}\u2013{short(run[-1])}" for run in runs]
    return ", ".join(words) or "no month"
