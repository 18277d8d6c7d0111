"""A moment as the database stores it: UTC, ISO-8601 text with milliseconds, which sorts by time. Pure."""

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """`2026-11-21T02:45:07.123Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def moment_of(text: str) -> datetime:
    """The moment that `utc_text` wrote. ValueError when it is none."""
    return datetime.fromisoformat(text).astimezone(UTC)
