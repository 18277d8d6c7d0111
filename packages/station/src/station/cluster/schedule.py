"""When a daily job is due, in wall time: summer time, missed nights and jitter. Pure."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from station.fleet import Daily

DAY = timedelta(days=1)
LOOK_BACK_DAYS = 8  # a weekly job is due every seventh, and summer time may move it over midnight


def last_due(daily: Daily, now: datetime) -> datetime:
    """The newest moment, not after `now`, at which the job was due.

    On the day that the clocks go forward a time that does not exist is an hour later; on the day that they go back the
    first of the two counts.
    """
    zone = ZoneInfo(daily.zone) if daily.zone else None
    today = now.astimezone(zone).date()
    days = (today - back * DAY for back in range(LOOK_BACK_DAYS + 1))
    return next(moment for day in days if _is_day(daily, day) and (moment := _moment(daily, day)) <= now)


def next_due(daily: Daily, now: datetime) -> datetime:
    """The first moment after `now` at which the job is due."""
    zone = ZoneInfo(daily.zone) if daily.zone else None
    today = now.astimezone(zone).date() - DAY
    days = (today + ahead * DAY for ahead in range(LOOK_BACK_DAYS + 1))
    return next(moment for day in days if _is_day(daily, day) and (moment := _moment(daily, day)) > now)


def start_of(daily: Daily, due: datetime, job: str) -> datetime:
    """When the run that is due begins: up to `jitter_s` later, and the same however often it is asked."""
    drawn = int.from_bytes(hashlib.sha256(f"{job} {due.isoformat()}".encode()).digest()[:8], "big") / 2**64
    return due + timedelta(seconds=drawn * daily.jitter_s)


def _is_day(daily: Daily, day: date) -> bool:
    return daily.weekday is None or day.weekday() == daily.weekday


def _moment(daily: Daily, day: date) -> datetime:
    wall = datetime.combine(day, daily.at)  # without a zone: it names a wall time, and no moment yet
    if daily.zone is None:
        return datetime.fromtimestamp(wall.timestamp(), UTC)  # in this machine's own zone; `astimezone` errs in the gap
    return wall.replace(tzinfo=ZoneInfo(daily.zone)).astimezone(UTC)
