"""Time as the whole program reads and writes it: UTC inside, ISO-8601 text with milliseconds at the edges."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The only place that asks the machine for the time; everyone else is handed a `Clock` or a `now`."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """`2026-11-21T02:45:07.123Z`, which sorts by time as text."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote. ValueError when the text is no ISO-8601 time or names no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone; end it with Z for UTC")
    return moment.astimezone(UTC)
