"""One parser for each kind of cell: a clean value, the text it is compared by, and what is wrong with it. Pure.

A cell is what the reader gives: text ('' when empty), float, bool, date, datetime, time or timedelta.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bookedbiz.money import to_cents
from bookedbiz.months import month_of, parse_month
from bookedbiz.names.text import tidy
from bookedbiz.workbook.columns import COLUMNS, Kind
from bookedbiz.workbook.errorcells import NOT_CALCULATED

Cell = str | float | bool | date | datetime | time | timedelta
Value = str | int | None

DAY_S = 86_400
EPOCH = date(1970, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_PLAUSIBLE_YEARS = range(1990, 2100)
_NO_CONTRACT = frozenset({"", "n", "0"})

_SLASHED_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})( \d{1,2}:.*)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ].*)?")
_DAY_AND_NAME = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d{2})", re.IGNORECASE)
_NAME_AND_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?(?:\.\d+)?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_LENGTH = re.compile(r"(?:(?:(\d+):)?(\d{0,2}):)?(\d{1,5})\s*(?:s|sec|secs|seconds|\")?", re.IGNORECASE)


class Clean(NamedTuple):
    """A cell's value, the text it is hashed by ('' for an empty cell), and the code of its issue ('' for none)."""

    value: Value
    text: str
    issue: str = ""


EMPTY = Clean(None, "")


class Memo(dict[Cell, Clean]):
    """Parses each distinct cell of a column once: most cells of a log have been seen before."""

    def __init__(self, parse: Callable[[Cell], Clean]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Cell) -> Clean:
        clean = self._parse(cell)
        self[cell] = clean
        return clean


def memos() -> list[Memo]:
    """A memo for each of the 29 columns, to be used for one workbook."""
    return [Memo(_PARSERS[column.kind]) for column in COLUMNS]


def as_text(cell: Cell) -> str:
    """What a cell says, for a person: whole numbers without `.0`, dates in ISO form."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def raw_text(cell: Cell) -> Clean:
    """Kept as it stands, because others compare by it."""
    text = as_text(cell)
    return EMPTY if not text.strip() else Clean(text, text)


def text(cell: Cell) -> Clean:
    return _texted(tidy(as_text(cell)))


def numberlike(cell: Cell) -> Clean:
    """12.0 and `12` are the same line; so are `A-7` and ` A-7`."""
    tidied = tidy(as_text(cell))
    return _texted(tidied.removesuffix(".0") if re.fullmatch(r"\d+\.0", tidied) else tidied)


def code(cell: Cell) -> Clean:
    return _texted(tidy(as_text(cell)).upper())


def contract(cell: Cell) -> Clean:
    """`N`, `0` and blank say that there is none."""
    number = numberlike(cell)
    return EMPTY if number.text.casefold() in _NO_CONTRACT else number


def money(cell: Cell) -> Clean:
    """Cents."""
    tidied = tidy(as_text(cell)) if not isinstance(cell, float) else ""
    if not tidied and not isinstance(cell, float):
        return EMPTY
    try:
        cents = to_cents(cell if isinstance(cell, float) else tidied)
    except ValueError:
        return _unreadable(cell, "bad_money")
    return Clean(cents, str(cents))


def day(cell: Cell) -> Clean:
    """Days since 1970-01-01."""
    if isinstance(cell, str) and not cell.strip():
        return EMPTY
    found = _date_of(cell)
    if found is None or found.year not in _PLAUSIBLE_YEARS:
        return _unreadable(cell, "bad_date")
    days = (found - EPOCH).days
    return Clean(days, str(days))


def time_of_day(cell: Cell) -> Clean:
    """Seconds after midnight; 24:00 is the end of the day."""
    if isinstance(cell, str) and not cell.strip():
        return EMPTY
    seconds = _clock_of(cell)
    if seconds is None or not 0 <= seconds <= DAY_S:
        return _unreadable(cell, "bad_time")
    return Clean(seconds, str(seconds))


def length(cell: Cell) -> Clean:
    """Seconds. A number of 1 or more is seconds, below 1 a fraction of a day."""
    if isinstance(cell, str) and not cell.strip():
        return EMPTY
    seconds = _length_of(cell)
    if seconds is None or not 0 <= seconds <= DAY_S:
        return _unreadable(cell, "bad_length")
    return Clean(seconds, str(seconds))


def month(cell: Cell) -> Clean:
    """yyyymm of a date, whatever its day, or of a text."""
    if isinstance(cell, str) and not cell.strip():
        return EMPTY
    try:
        found = _month_of(cell)
    except ValueError:
        return _unreadable(cell, "bad_month")
    return Clean(found, str(found))


_PARSERS: dict[Kind, Callable[[Cell], Clean]] = {
    Kind.RAW: raw_text,
    Kind.TEXT: text,
    Kind.NUMBERLIKE: numberlike,
    Kind.CODE: code,
    Kind.DATE: day,
    Kind.TIME: time_of_day,
    Kind.LENGTH: length,
    Kind.MONEY: money,
    Kind.MONTH: month,
    Kind.CONTRACT: contract,
}


def _texted(tidied: str) -> Clean:
    if tidied.startswith("#") and tidied.rstrip("!?").upper() in _EXCEL_ERRORS:
        return Clean(None, tidied, "excel_error")
    return Clean(tidied, tidied) if tidied else EMPTY


def _unreadable(cell: Cell, issue: str) -> Clean:
    said = tidy(as_text(cell))
    is_error = said.startswith("#") and said.rstrip("!?").upper() in _EXCEL_ERRORS
    return Clean(None, f"?{said}", "excel_error" if is_error else issue)


_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF", "#VALUE", "#DIV/0", "#NAME", "#NULL", "#NUM", "#SPILL", "#CALC", NOT_CALCULATED}
)


def _date_of(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float):
        return _EXCEL_EPOCH + timedelta(days=int(cell)) if 30_000 <= cell < 80_000 else None
    return _date_in(tidy(cell)) if isinstance(cell, str) else None


def _date_in(said: str) -> date | None:
    """`11/23/2026`, `2026-11-23`, `23-Nov-26`, `November 23, 2026`, with or without a time behind the numbers."""
    try:
        if slashed := _SLASHED_DATE.fullmatch(said):
            return date(_year_of(slashed[4]), int(slashed[1]), int(slashed[3]))
        if iso := _ISO_DATE.fullmatch(said):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if named := _DAY_AND_NAME.fullmatch(said):
            return date(_year_of(named[3]), parse_month(f"{named[2]} {named[3]}") % 100, int(named[1]))
        if named := _NAME_AND_DAY.fullmatch(said):
            return date(int(named[3]), parse_month(f"{named[1]} {named[3]}") % 100, int(named[2]))
    except ValueError:
        return None
    return None


def _year_of(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _clock_of(cell: Cell) -> int | None:
    if isinstance(cell, (time, datetime)):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, float):
        return round(cell * DAY_S) if 0 <= cell <= 1 else None
    return _clock_in(cell.strip()) if isinstance(cell, str) else None


def _clock_in(said: str) -> int | None:
    match = _CLOCK.fullmatch(said)
    if match is None or (match[2] is None and match[4] is None):  # a bare `7` may be anything
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if minute > 59 or second > 59:
        return None
    if match[4] is None:
        return hour * 3600 + minute * 60 + second
    if not 1 <= hour <= 12:
        return None
    return (hour % 12 + (12 if match[4].lower() == "p" else 0)) * 3600 + minute * 60 + second


def _length_of(cell: Cell) -> int | None:
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, float):
        return round(cell if cell >= 1 else cell * DAY_S)
    match = _LENGTH.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return None
    return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + int(match[3])


def _month_of(cell: Cell) -> int:
    found = _date_of(cell) if not isinstance(cell, str) else None
    if found is not None:
        if found.year not in _PLAUSIBLE_YEARS:
            raise ValueError(f"{cell} is no plausible month")
        return month_of(found)
    said = tidy(as_text(cell))
    try:
        return parse_month(said)
    except ValueError:
        whole = _date_in(said)  # a whole date has a month too
        if whole is None or whole.year not in _PLAUSIBLE_YEARS:
            raise
        return month_of(whole)
