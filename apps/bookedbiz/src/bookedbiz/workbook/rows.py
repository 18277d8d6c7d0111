"""From the cells of one line to a clean row, or to the reason why it is not stored. Pure.

Never drops a line because one cell is bad: the value is None, and an issue says what the cell held.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, cast

from bookedbiz.months import broadcast_month, month_of
from bookedbiz.names.text import name_key
from bookedbiz.workbook.cells import EPOCH, Cell, Clean, Memo, Value, as_text
from bookedbiz.workbook.columns import POSITION, WIDTH
from bookedbiz.workbook.issues import Issue

_AIR, _MONTH, _BILLING = POSITION["air_date"], POSITION["broadcast_month"], POSITION["billing_type"]
_GROSS, _VALUE, _NET = POSITION["gross_rate"], POSITION["spot_value"], POSITION["station_net"]
_DAY = POSITION["day_of_week"]
_TOTAL = re.compile(r"(grand |sub-?)?totals?\b", re.IGNORECASE)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Row(NamedTuple):
    """A line to be stored: its 29 clean values, and what was made of them."""

    sheet: str
    number: int  # as Excel counts
    values: tuple[Value, ...]
    month: int
    month_derived: bool
    row_hash: int  # 64 bits, signed: over the sheet and all 29 cells
    issues: tuple[Issue, ...]

    @property
    def gross_cents(self) -> int:
        """0 when the cell is empty or could not be read."""
        return _cents(self.values[_GROSS])

    @property
    def net_cents(self) -> int:
        """0 when the cell is empty or could not be read."""
        return _cents(self.values[_NET])


class Skip(NamedTuple):
    """A line that is not stored. `cents` is the amount of a total line."""

    number: int
    reason: str
    content: str
    cents: int | None = None


def clean_line(sheet: str, number: int, cells: Sequence[Cell], memos: Sequence[Memo]) -> Row | Skip:
    """The row that a line holds, or why it holds none. `cells` has at least 29, `memos` exactly as many."""
    if not any(cell not in ("", 0.0) for cell in cells) and all(as_text(cell).strip() == "" for cell in cells):
        return Skip(number, "blank", "")
    cleaned = [memo[cell] for memo, cell in zip(memos, cells, strict=False)]
    values, texts, problems = zip(*cleaned, strict=True)
    month = values[_MONTH] or _derived_month(values)
    if month is None:
        return _skipped(number, cells, cleaned)
    issues = _issues(cells, cleaned, month) if _worth_a_look(values, problems, month) else ()
    digest = blake2b("\x1f".join((sheet, *texts)).encode(), digest_size=8).digest()
    return Row(sheet, number, values, month, not values[_MONTH], int.from_bytes(digest, "big", signed=True), issues)


def money_of(rows: Iterable[Row]) -> tuple[int, int]:
    """Gross and net cents of all of them, empty and unreadable cells left out."""
    gross = net = 0
    for row in rows:
        values = cast(Sequence[int | None], row.values)  # amounts are numbers or nothing
        gross += values[_GROSS] or 0
        net += values[_NET] or 0
    return gross, net


def _cents(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _skipped(number: int, cells: Sequence[Cell], cleaned: Sequence[Clean]) -> Skip:
    first = name_key(as_text(cells[0]))
    if not any(as_text(cell).strip() for cell in cells[:WIDTH]):
        return Skip(number, "blank", "")
    if first == "bill code":
        return Skip(number, "header", _content(cells))
    if _TOTAL.match(first):
        cents = cleaned[_GROSS].value
        return Skip(number, "total", _content(cells), cents if isinstance(cents, int) else None)
    return Skip(number, "no month or date", _content(cells))


def _content(cells: Sequence[Cell]) -> str:
    return " | ".join(said for cell in cells if (said := as_text(cell).strip()))[:500]


def _derived_month(values: Sequence[Value]) -> int | None:
    """The month that the air date and the billing type give."""
    days = values[_AIR]
    if not isinstance(days, int):
        return None
    return _month_of_day(days, str(values[_BILLING] or "").casefold() == "calendar")


@lru_cache(maxsize=4096)
def _month_of_day(days: int, is_calendar: bool) -> int:
    air_date = EPOCH + timedelta(days=days)
    return month_of(air_date) if is_calendar else broadcast_month(air_date)


def _worth_a_look(values: Sequence[Value], problems: Sequence[str], month: int) -> bool:
    """Most rows are not: they cost one comparison each."""
    return (
        any(problems)
        or values[0] is None
        or not values[_MONTH]
        or (values[_VALUE] is not None and values[_VALUE] != values[_GROSS])
        or (values[_AIR] is not None and month != _derived_month(values))
        or _wrong_day(values)
    )


def _wrong_day(values: Sequence[Value]) -> bool:
    days, said = values[_AIR], values[_DAY]
    if not isinstance(days, int) or not isinstance(said, str):
        return False
    return _WEEKDAYS[(days + 3) % 7] != said[:3].casefold()  # 1970-01-01 was a Thursday


def _issues(cells: Sequence[Cell], cleaned: Sequence[Clean], month: int) -> tuple[Issue, ...]:
    values = [clean.value for clean in cleaned]
    found = [(position, clean.issue) for position, clean in enumerate(cleaned) if clean.issue]
    if values[0] is None and not cleaned[0].issue:
        found.append((0, "no_bill_code"))
    if not values[_MONTH]:
        found.append((_MONTH, "month_derived"))
    elif values[_AIR] is not None and month != _derived_month(values):
        found.append((_MONTH, "month_differs"))
    if values[_VALUE] is not None and values[_VALUE] != values[_GROSS]:
        found.append((_VALUE, "value_differs"))
    if _wrong_day(values):
        found.append((_DAY, "day_differs"))
    return tuple(Issue(position, code, as_text(cells[position])) for position, code in found)
