"""What every page has: the way numbers are written, the freshness of the data, and addresses of static files."""

from datetime import datetime

from flask import Flask, request
from flask_login import current_user

from bookedbiz.months import STATION_ZONE, label
from bookedbiz.reports.export import as_of_words
from bookedbiz.reports.imports import Freshness, freshness
from bookedbiz.web import menu, numbers, saved
from bookedbiz.web.context import context, database, now
from station_pages.addresses import static_address


def install(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_env.filters.update(
        money=numbers.money,
        signed=numbers.signed,
        percent=numbers.percent,
        count=numbers.count,
        ago=numbers.ago,
        month=label,
        at=as_of_words,
    )
    app.jinja_env.globals.update(menu=menu, static=static_address, stamp=station_stamp, now=now)
    app.jinja_env.globals.update(moment=moment, here=here, saved_filters=saved.offered, can_save=saved.can_save)
    app.context_processor(_of_every_page)


def station_stamp(at: datetime) -> str:
    """`Fri Nov 20, 09:30 AM`, the station's time."""
    return at.astimezone(STATION_ZONE).strftime("%a %b %d, %I:%M %p")


def moment(text: str) -> str:
    """A stored moment at the station: `2026-11-20 09:30 AM PST`."""
    return as_of_words(datetime.fromisoformat(text))


def here() -> str:
    """The address of this page, with what it asks for."""
    return request.full_path.rstrip("?")


def _of_every_page() -> dict[str, object]:
    return {
        "current_user": current_user,
        "data_age": _data_age,
        "app_version": context().version,
        "read_only": context().read_only,
    }


def _data_age() -> Freshness:
    return freshness(database(), now())
