"""Times as a person types them: `10m ago`, `2026-11-21 09:12`, or ISO with a zone. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

import click

_AGO = re.compile(r"(\d+)\s*(s|sec|m|min|h|d)\w*\s+ago")
_UNITS = {"s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_TIME_ONLY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def moment(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment in UTC. A time without a zone is wall time in `zone` (None: this machine's). BadParameter."""
    text = typed = text.strip()
    if found := _AGO.fullmatch(text):
        return (now - timedelta(**{_UNITS[found[2]]: int(found[1])})).astimezone(UTC)
    today = now.astimezone(zone)
    if _TIME_ONLY.fullmatch(text):
        text = f"{today:%Y-%m-%d} {text:0>5}"
    try:
        given = datetime.fromisoformat(text)
    except ValueError as why:
        raise click.BadParameter(
            f"{typed!r} is no time. Write '10m ago', '09:12', '2026-11-21 09:12' or '2026-11-21T08:12:00Z'."
        ) from why
    if given.tzinfo is None:
        given = given.replace(tzinfo=zone) if zone else given.astimezone()
    return given.astimezone(UTC)
