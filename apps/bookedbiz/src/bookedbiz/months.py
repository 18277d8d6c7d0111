"""Months as the station counts them: integers yyyymm, the broadcast calendar, and every way to write one. Pure.

The broadcast calendar is the standard one: weeks run Monday to Sunday, and a week belongs to the month of its Sunday.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

STATION_ZONE = ZoneInfo("America/Los_Angeles")  # "today" and "current month" are the station's, not the server's

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = {name.lower(): number for number, name in enumerate(_NAMES, start=1)}
_FULL_NAMES = {
    "january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8, "september": 9, "sept": 9,
    "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NAMED = re.compile(r"([a-z]+)\.?[\s\-/,'\u2019]*(\d{4}|\d{2})")
_NAMED_DAY = re.compile(r"\d{1,2}[\s\-]([a-z]+)[\s\-](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(-\d{1,2})?([t ].*)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_SLASHED_SHORT = re.compile(r"(\d{1,2})/(\d{4})")
_COMPACT = re.compile(r"(20\d{2})(0[1-9]|1[0-2])")


def month_of(day: date) -> int:
    """The calendar month of a day: 202611."""
    return day.year * 100 + day.month


def broadcast_month(day: date) -> int:
    """The broadcast month of a day: the month of the Sunday that ends its week."""
    return month_of(day + timedelta(days=6 - day.weekday()))


def broadcast_range(month: int) -> tuple[date, date]:
    """First Monday and last Sunday of a broadcast month."""
    return _last_sunday(add_months(month, -1)) + timedelta(days=1), _last_sunday(month)


def add_months(month: int, count: int) -> int:
    """The month `count` months later, or earlier."""
    years, index = divmod(month // 100 * 12 + month % 100 - 1 + count, 12)
    return years * 100 + index + 1


def months_between(first: int, last: int) -> list[int]:
    """Every month from `first` to `last`, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = add_months(first, 1)
    return months


def quarter_of(month: int) -> int:
    """1 to 4."""
    return (month % 100 + 2) // 3


def first_day(month: int) -> date:
    """The first calendar day of a month."""
    return date(month // 100, month % 100, 1)


def label(month: int) -> str:
    """`Nov-26`."""
    return f"{_NAMES[month % 100 - 1]}-{month // 100 % 100:02d}"


def iso(month: int) -> str:
    """`2026-11-01`, as JSON has it."""
    return f"{month // 100:04d}-{month % 100:02d}-01"


def station_day(now: datetime) -> date:
    """The date at the station at that moment. ValueError for a time without zone."""
    if now.tzinfo is None:
        raise ValueError("a moment without a zone has no date at the station")
    return now.astimezone(STATION_ZONE).date()


def parse_month(text: str) -> int:
    """The month that a text names: `Nov-26`, `November 2026`, `2026-11-01`, `11/15/2026`, `11/2026`, `202611`.

    A year of two digits is 20yy. ValueError when it names none.
    """
    lowered = text.strip().lower()
    named = _NAMED.fullmatch(lowered) or _NAMED_DAY.fullmatch(lowered)
    if named:
        return _checked(text, named[2], _number_of(named[1]))
    iso_like = _ISO.fullmatch(lowered) or _COMPACT.fullmatch(lowered)
    if iso_like:
        return _checked(text, iso_like[1], int(iso_like[2]))
    slashed = _SLASHED.fullmatch(lowered)
    if slashed:
        return _checked(text, slashed[3], int(slashed[1]))
    short = _SLASHED_SHORT.fullmatch(lowered)
    if short:
        return _checked(text, short[2], int(short[1]))
    raise ValueError(f"{text!r} names no month")


def _number_of(name: str) -> int:
    return _NUMBERS.get(name) or _FULL_NAMES.get(name, 0)


def _checked(text: str, year: str, number: int) -> int:
    full_year = int(year) if len(year) == 4 else 2000 + int(year)
    if not 1 <= number <= 12 or not 1990 <= full_year <= 2099:
        raise ValueError(f"{text!r} names no month")
    return full_year * 100 + number


def _last_sunday(month: int) -> date:
    last_day = first_day(add_months(month, 1)) - timedelta(days=1)
    return last_day - timedelta(days=(last_day.weekday() + 1) % 7)
