"""A report's table as values: the page, the CSV and the workbook are all drawn from this one thing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bookedbiz.reports.filters import Filters

Cell = str | int | float | None


class Kind(StrEnum):
    """What a column holds. Money is integer cents; percent and share are ratios, 0.05 is 5 %; rate is
    money of one spot, shown with its cents."""

    NAME = "name"
    WORD = "word"
    MONEY = "money"
    CHANGE = "change"
    PERCENT = "percent"
    SHARE = "share"
    COUNT = "count"
    RATE = "rate"


class Role(StrEnum):
    """What a line is: one of many, a sum within the table, or a sum below it."""

    LINE = "line"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


@dataclass(frozen=True)
class Column:
    """One column. `sort` is what a click on its head asks for; `state` tints it; `fair` is False where its changes
    compare an unfinished period with a whole one."""

    label: str
    kind: Kind
    sort: str | None = None
    state: str = ""
    hint: str = ""
    fair: bool = True
    months: tuple[int, ...] = ()  # whose airings its numbers count
    back: int | None = None  # or: those of the line, so many months before


@dataclass(frozen=True)
class Row:
    """One line. `opens` is the question that its first number leads to; `fair` is False where a change compares an
    unfinished period with a whole one. `months` are those that the line is about, if it is about some."""

    cells: tuple[Cell, ...]
    role: Role = Role.LINE
    state: str = ""
    opens: Filters | None = None
    fair: bool = True
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """What a report shows. `opens_at` is the column that carries the lines' links."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    opens_at: int = 0

    @property
    def title(self) -> str:
        """The name as a heading has it."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def body(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.role is not Role.TOTAL)

    @property
    def totals(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.role is Role.TOTAL)


@dataclass(frozen=True)
class Figure:
    """One number above the table, in cents or as a count, with the words that make it honest."""

    label: str
    value: int
    note: str = ""
    change: float | None = None
    is_count: bool = False
    is_share: bool = False  # the value is then in tenths of a percent


def change_ratio(now: int, before: int) -> float | None:
    """(now - before) / before; None where there was nothing, or less, to compare with."""
    return (now - before) / before if before > 0 else None


def share(part: int, whole: int) -> float | None:
    """part / whole; None of nothing."""
    return part / whole if whole > 0 else None


def has_money(amounts: dict[int, int], months: Iterable[int]) -> bool:
    """Whether any of these months has some."""
    return any([amounts[month] for month in months if month in amounts])


def total(amounts: dict[int, int], months: Iterable[int]) -> int:
    """The cents of some months together."""
    return sum([amounts[month] for month in months if month in amounts])
