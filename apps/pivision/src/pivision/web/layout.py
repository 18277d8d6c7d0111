"""What every page has: the menu, how moments and amounts are written, addresses of static files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from pivision.moments import moment_of
from pivision.web.context import context, database, now
from station_pages.addresses import static_address
from station_pages.roles import declared

KINDS: Final = {
    "interaction_detected": "Visit",
    "stock_changed": "Stock changed",
    "restocked": "Restocked",
    "empty_confirmed": "Empty",
    "camera_obstructed": "Camera covered",
    "scene_shifted": "Camera moved",
    "camera_dark": "Too dark",
    "camera_offline": "Camera silent",
    "camera_online": "Camera back",
}
_MENU: Final = (
    ("dashboard.page", "Now"),
    ("events.timeline", "Events"),
    ("devices.page", "Cameras"),
    ("storage.page", "Storage"),
    ("subscribers.page", "Notices"),
    ("people.page", "People"),
)
_OF_A_CAMERA: Final = ("regions", "tuning", "privacy")


@dataclass(frozen=True)
class Link:
    """A line of the menu."""

    words: str
    address: str
    is_here: bool


def install(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_env.filters.update(clock=clock, day=day, ago=ago, size=size, lasted=lasted, kind=kind_words)
    app.jinja_env.filters.update(span=span, counted=counted)
    app.jinja_env.globals.update(static=static_address, menu=menu, now=now, kinds=KINDS)
    app.context_processor(_of_every_page)


def menu() -> list[Link]:
    """What this person may ask for; pages that are not installed are not offered."""
    found = []
    for endpoint, words in _MENU:
        allowed = declared(current_app.view_functions.get(endpoint))
        if allowed is not None and current_user.role in allowed:
            found.append(Link(words, url_for(endpoint), _part() == endpoint.partition(".")[0]))
    return found


def zone() -> ZoneInfo:
    """Where the appliance stands."""
    row = database().execute("SELECT value FROM setting WHERE name = 'time_zone'").fetchone()
    return ZoneInfo(json.loads(row["value"])) if row else ZoneInfo("UTC")


def local(at: str | datetime) -> datetime:
    """A moment, as the clock on the wall shows it."""
    return (moment_of(at) if isinstance(at, str) else at).astimezone(zone())


def clock(at: str | datetime | None) -> str:
    """`14:05:09`; today's day is left out, another one is not: `Nov 20, 14:05:09`."""
    if at is None:
        return "never"
    found = local(at)
    here_today = found.date() == local(now()).date()
    return found.strftime("%H:%M:%S" if here_today else "%b %-d, %H:%M:%S")


def day(at: str | datetime) -> str:
    """`Friday, November 20`."""
    return local(at).strftime("%A, %B %-d")


def ago(at: str | None) -> str:
    """`3 s`, `12 min`, `5 h`, `3 days`; a moment of the future is now."""
    if at is None:
        return "never"
    seconds = max(0.0, (now() - moment_of(at)).total_seconds())
    for most, unit, name in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < most:
            return f"{seconds / unit:.0f} {name} ago"
    return f"{seconds / 86400:.0f} days ago"


def lasted(event: Mapping[str, Any]) -> str:
    """How long it went on; a visit until somebody was last seen, not until it was quiet for long enough."""
    if event["ended_at"] is None:
        return "going on"
    begun, ended = moment_of(event["started_at"]), moment_of(event["ended_at"])
    return span((event["last_seen_s"] or ended.timestamp()) - begun.timestamp())


def span(seconds: float) -> str:
    """`13 s`, `12 min`, `5.5 h`, `3 days`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86400:.0f} days"


def counted(number: int, word: str, many: str = "") -> str:
    """`1 picture`, `2,300 pictures`."""
    return f"{number:,} {word if number == 1 else many or word + 's'}"


def size(count: float | None) -> str:
    """Bytes: `58 KB`, `1.2 GB`."""
    if count is None:
        return "-"
    for limit, unit, name in ((1e6, 1e3, "KB"), (1e9, 1e6, "MB"), (1e12, 1e9, "GB")):
        if count < limit:
            return f"{count / unit:.{0 if unit == 1e3 else 1}f} {name}"
    return f"{count / 1e12:.1f} TB"


def kind_words(kind: str) -> str:
    """What an event is called."""
    return KINDS.get(kind, kind)


def _is_admin() -> bool:
    return bool(current_user.is_authenticated and current_user.role == "admin")


def _part() -> str:
    """Which line of the menu a page belongs to: those of one camera are among the cameras."""
    asked = request.blueprint or ""
    return "devices" if asked in _OF_A_CAMERA else asked


def _of_every_page() -> dict[str, object]:
    found = {"release": context().version, "is_admin": _is_admin(), "endpoints": current_app.view_functions}
    return found | ({"zone_name": str(zone())} if current_user.is_authenticated else {})
