"""How numbers are written on the screen: whole dollars, a real minus sign, a dot for nothing. Pure."""

from datetime import timedelta

MINUS = "\u2212"
DOT = "\u00b7"
NOTHING = "\u2013"
_BEYOND = 9.995  # a change of more than 999 % is not a figure that helps


def money(cents: int) -> str:
    """`$1,235`, `\u2212$45`."""
    dollars = round(cents / 100)
    return f"{MINUS if dollars < 0 else ''}${abs(dollars):,}"


def signed(cents: int) -> str:
    """`+$1,235`, `\u2212$45`, `$0`."""
    return f"+{money(cents)}" if round(cents / 100) > 0 else money(cents)


def dollars(cents: int) -> str:
    """A number in a table: `1,235`, `\u221245`; a dot for nothing at all."""
    if cents == 0:
        return DOT
    rounded = round(cents / 100)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,}"


def difference(cents: int) -> str:
    """A change in a table: `+1,235`, `\u221245`."""
    return f"+{dollars(cents)}" if round(cents / 100) > 0 else dollars(cents)


def percent(ratio: float | None) -> str:
    """A change in percent: `+4.7%`, `\u221212.0%`; a dash where there is nothing to compare with."""
    if ratio is None:
        return NOTHING
    if ratio > _BEYOND:
        return ">999%"
    sign = "+" if round(ratio, 3) > 0 else MINUS if round(ratio, 3) < 0 else ""
    return f"{sign}{abs(ratio):.1%}"


def share(ratio: float | None) -> str:
    """A part of the whole: `12.4%`."""
    return NOTHING if ratio is None else DOT if ratio == 0 else f"{ratio:.1%}".replace("-", MINUS)


def count(number: int) -> str:
    """`12,480`."""
    return f"{number:,}"


def counted(number: int) -> str:
    """A count in a table: `12,480`; a dot for none."""
    return f"{number:,}".replace("-", MINUS) if number else DOT


def rate(cents: float) -> str:
    """What one spot costs: `104.50`."""
    return f"{cents / 100:,.2f}".replace("-", MINUS)


def ago(since: timedelta) -> str:
    """`4 min`, `3 h`, `2 days`."""
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
