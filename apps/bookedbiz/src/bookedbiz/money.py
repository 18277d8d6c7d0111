"""Money as integer cents: read from whatever a cell holds, printed for a person. Pure."""

import re
from decimal import ROUND_HALF_UP, Decimal

_SIGN = "[-\u2013\u2014\u2212]"
_AROUND_SIGNS = re.compile(rf"\s*({_SIGN}|[$()])\s*")
_AMOUNT = re.compile(
    rf"(?:\$(?=\())?(?P<open>\()?(?P<before>{_SIGN})?\$?(?P<inside>{_SIGN})?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)?"
    rf"(?P<after>{_SIGN})?(?P<close>\))?"
)
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
    match = _AMOUNT.fullmatch(_AROUND_SIGNS.sub(r"\1", text.strip()))
    signs = [match[name] for name in ("before", "inside", "after") if match[name]] if match else []
    if match is None or len(signs) > 1 or bool(match["open"]) != bool(match["close"]) or (signs and match["open"]):
        raise ValueError(f"{text!r} is no amount of money")
    if match["digits"] is None:
        if not signs:  # a lone dash is how the sheet shows zero
            raise ValueError(f"{text!r} is no amount of money")
        return Decimal(0)
    amount = Decimal(match["digits"].replace(",", ""))
    return -amount if signs or match["open"] else amount
