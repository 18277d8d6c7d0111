"""What all planning pages ask: who may write plans, of which year, and which month it is at the station."""

from typing import Final

from flask import abort, request
from flask_login import current_user

from bookedbiz.months import month_of, station_day
from bookedbiz.switches import Switch, is_on
from bookedbiz.users import Role
from bookedbiz.web.context import context, database, now

YEARS: Final = range(1990, 2100)


def may_write() -> bool:
    """Whether this person may change plans now."""
    if context().read_only:
        return False
    return current_user.role is Role.ADMIN or is_on(database(), Switch.MANAGEMENT_WRITES_PLANS)


def require_writer() -> None:
    """403 for management while only admins write; read-only mode is refused where it is written."""
    if current_user.role is not Role.ADMIN and not is_on(database(), Switch.MANAGEMENT_WRITES_PLANS):
        abort(403)


def asked_year() -> int:
    """The year of the address or the form; this year when it names none."""
    year = request.values.get("year", this_month() // 100, type=int)
    return year if year in YEARS else this_month() // 100


def this_month() -> int:
    """The current month at the station."""
    return month_of(station_day(now()))
