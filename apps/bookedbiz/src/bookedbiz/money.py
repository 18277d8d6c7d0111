"""Money as integer cents: read from whatever a cell holds, printed for a person. Pure."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_DASHES = frozenset("-\u2013\u2014\u2212")
_PLAIN = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?|\.\d+")
_LIMIT = Decimal(10) ** 12  # a trillion dollars for one airing is a slip of the keyboard


def to_cents(cell: float | str) -> int:
    """The cents of a number, or of text such as `$1,234.50`, `(45.00)`, `-12`, `-` (which is 0).

    Half a cent is rounded away from zero. ValueError when it is no amount.
    """
    amount = Decimal(repr(cell)) if isinstance(cell, (int, float)) else _amount_of(cell)
    if not amount.is_finite() or abs(amount) >= _LIMIT:
        raise ValueError(f"{cell!r} is no amount of money")
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def dollars(cents: int) -> str:
    """`$1,234.50`, `-$45.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def _amount_of(text: str) -> Decimal:
    stripped = text.replace("$", "").replace(" ", "").replace("\u00a0", "")
    if stripped in _DASHES:
        return Decimal(0)
    negative = stripped.startswith("(") and stripped.endswith(")")
    if negative:
        stripped = stripped[1:-1]
    elif stripped[:1] in _DASHES or stripped[-1:] in _DASHES:
        negative = True
        stripped = stripped[1:] if stripped[0] in _DASHES else stripped[:-1]
    if not _PLAIN.fullmatch(stripped):
        raise ValueError(f"{text!r} is no amount of money")
    try:
        amount = Decimal(stripped.replace(",", ""))
    except InvalidOperation as why:  # digits of other scripts pass the pattern
        raise ValueError(f"{text!r} is no amount of money") from why
    return -amount if negative else amount
