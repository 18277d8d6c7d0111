"""A year of months beside the year before it: which count, which can be compared, their columns and cells. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bookedbiz.months import label
from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.calendar import Calendar, in_year, months_of, range_words, short
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Kind, change_ratio, share, total


@dataclass(frozen=True)
class Amounts:
    """One line's cents. `now` and `before` are of the months that can be compared; where none can, `now` is 0 and
    `before` of all that are counted."""

    months: tuple[int, ...]
    total: int
    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before

    @property
    def has_money(self) -> bool:
        return any(self.months) or self.before != 0


@dataclass(frozen=True)
class Year:
    """The months that one question is about."""

    filters: Filters
    calendar: Calendar

    @cached_property
    def counted(self) -> list[int]:
        """The months that are shown and summed."""
        return self.calendar.counted(self.filters.year, self.filters.span)

    @cached_property
    def compared(self) -> list[int]:
        """Those of them that are complete."""
        return self.calendar.compared(self.filters.year, self.filters.span)

    @cached_property
    def whole(self) -> list[int]:
        """January to December, whatever is counted."""
        return months_of(self.filters.year)

    @cached_property
    def whole_before(self) -> list[int]:
        """The same of the year before."""
        return months_of(self.filters.year - 1)

    @cached_property
    def before(self) -> list[int]:
        """The months of the year before that stand beside them."""
        return in_year(self.compared or self.counted, self.filters.year - 1)

    @cached_property
    def fair(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.compared)

    @cached_property
    def both(self) -> bool:
        """Whether the compared months need a column of their own."""
        return self.fair and self.compared != self.counted

    def amounts(self, booked: ByMonth) -> Amounts:
        """One line's cents, of what it booked month by month."""
        return Amounts(
            months=tuple([booked.get(month, 0) for month in self.counted]),
            total=total(booked, self.counted),
            now=total(booked, self.compared),
            before=total(booked, self.before),
        )

    def sums(self, lines: Sequence[Amounts]) -> Amounts:
        """All lines together."""
        return Amounts(
            months=tuple(sum(each.months[position] for each in lines) for position in range(len(self.counted))),
            total=sum(each.total for each in lines),
            now=sum(each.now for each in lines),
            before=sum(each.before for each in lines),
        )

    def columns(self) -> tuple[Column, ...]:
        """The columns of `cells`."""
        year = self.filters.year % 100
        span = range_words(self.compared or self.counted)
        flipped = "drop" if self.filters.sort == "change" else "change"
        return (
            *(
                Column(
                    short(month),
                    Kind.MONEY,
                    f"m{month % 100:02d}",
                    self.calendar.state(month),
                    label(month),
                    months=(month,),
                )
                for month in self.counted
            ),
            Column(
                "Total",
                Kind.MONEY,
                sort="total",
                hint="All months shown, with what is booked ahead",
                months=tuple(self.counted),
            ),
            *(
                [
                    Column(
                        f"{span} {year:02d}",
                        Kind.MONEY,
                        hint="The months that are complete",
                        months=tuple(self.compared),
                    )
                ]
                if self.both
                else []
            ),
            Column(
                f"{span} {year - 1:02d}",
                Kind.MONEY,
                sort="last",
                hint="The same months of the year before",
                months=tuple(self.before),
            ),
            Column("Change", Kind.CHANGE, sort=flipped, hint="Of the complete months against the same of last year"),
            Column("%", Kind.PERCENT),
            Column("Share", Kind.SHARE, hint="Of the total of all lines shown"),
        )

    def cells(self, line: Amounts, whole: int) -> tuple[Cell, ...]:
        """A line's cells; `whole` is the total that its share is of."""
        return (
            *line.months,
            line.total,
            *([line.now] if self.both else []),
            line.before,
            line.change if self.fair else None,
            change_ratio(line.now, line.before) if self.fair else None,
            share(line.total, whole),
        )

    def size(self, line: Amounts) -> int:
        """What the question sorts a line by, the largest first."""
        sort = self.filters.sort
        if sort.startswith("m") and len(sort) == 3:
            month = self.filters.year * 100 + int(sort[1:])
            return line.months[self.counted.index(month)] if month in self.counted else line.total
        sizes = {"last": line.before, "change": line.change, "drop": -line.change, "customer": 0}
        return sizes.get(sort, line.total)
