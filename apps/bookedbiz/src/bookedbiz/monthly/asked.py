"""What the monthly summary is asked for, beyond what every report is: whose month counts, from when to when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from bookedbiz.months import label, months_between, parse_month
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Span


class Basis(StrEnum):
    """Which month an airing counts for."""

    LABEL = "label"
    CALENDAR = "calendar"
    BROADCAST = "broadcast"


BASES = {
    Basis.LABEL: "Month label",
    Basis.CALENDAR: "Calendar month of the air date",
    Basis.BROADCAST: "Broadcast month of the air date",
}


@dataclass(frozen=True)
class MonthFilters(Filters):
    """A question about months: of the year, or from `first` to `last`."""

    basis: Basis = Basis.LABEL
    first: int | None = None
    last: int | None = None

    @property
    def has_range(self) -> bool:
        return self.first is not None and self.last is not None

    def words(self) -> list[str]:
        """As for every report, with the range and with what is counted."""
        basis = [] if self.basis is Basis.LABEL else [f"Counted by: {BASES[self.basis].lower()}"]
        if self.first is None or self.last is None:
            return [*super().words(), *basis]
        shared = [line for line in super().words() if not line.startswith("Year:")]
        return [f"From {label(self.first)} to {label(self.last)}", *shared, *basis]


def month_filters(args: Mapping[str, str], filters: Filters) -> MonthFilters:
    """The question of the address. One end alone is the whole range; ends that are turned round are turned back."""
    known = {entry.name: getattr(filters, entry.name) for entry in fields(Filters)}
    found = [month for month in (_month(args.get("first", "")), _month(args.get("last", ""))) if month]
    first, last = (min(found), max(found)) if found else (None, None)
    basis = Basis(args["basis"]) if args.get("basis") in set(Basis) else Basis.LABEL
    return MonthFilters(**known, basis=basis, first=first, last=last)


def counted(asked: MonthFilters, calendar: Calendar) -> list[int]:
    """The months that are shown and summed."""
    if asked.first is None or asked.last is None:
        return calendar.counted(asked.year, asked.span)
    months = months_between(asked.first, asked.last)
    if asked.span is Span.ENDED:
        return [month for month in months if calendar.is_complete(month)]
    return [month for month in months if month in calendar.closed] if asked.span is Span.CLOSED else months


def _month(text: str) -> int | None:
    try:
        return parse_month(text) if len(text) <= 10 else None
    except ValueError:
        return None
