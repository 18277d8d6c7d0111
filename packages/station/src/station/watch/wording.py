"""Lengths of time, sizes and clock times in the words of the page and of the command line. Pure."""

import math
from datetime import datetime

_MINUTE, _HOUR = 60, 3600


def length(seconds: float) -> str:
    """`4 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: rounded up, so that "at most" stays true."""
    whole = max(0, math.ceil(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    minutes = math.ceil(whole / _MINUTE)
    if minutes < 2 * _MINUTE:
        return f"{minutes} min"
    hours = math.ceil(whole / _HOUR)
    if hours < 48:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")


def size(count: float) -> str:
    """`512 B`, `12.3 kB`, `1.4 GB`: powers of ten, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or abs(count) >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def clock_time(moment: datetime, now: datetime) -> str:
    """`09:12:03`, in the zone of `now`; with its date when it is not of the same day."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M:%S}"


def short_time(moment: datetime, now: datetime) -> str:
    """`09:12:03`, or `20 Nov 09:12` when that was another day, in the zone of `now`."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local.day} {local:%b %H:%M}"
