"""The last day in a line, and in a letter to who wants one each day; an account executive hears of their own book."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from bookedbiz.changes.asked import Asked
from bookedbiz.changes.report import Changes, changes_of
from bookedbiz.money import dollars
from bookedbiz.months import station_day
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.notices.outbox import Notice, write_notice
from bookedbiz.notices.ways import WayName
from bookedbiz.reports.filters import Measure
from bookedbiz.reports.table import Table
from bookedbiz.users import Role
from station_kit.sqlitefile import transaction

_BIGGEST = 3
_LETTER_LINES = 10


def since_yesterday(db: sqlite3.Connection, now: datetime) -> str:
    """`Since yesterday +$41,200 gross, +$35,020 net; biggest: Cedar Bank +$12,000, …`; "" when nothing has changed."""
    asked = _asked(now, None)
    whole = changes_of(db, asked)
    if not whole.whole.weight:
        return ""
    net = changes_of(db, _net(asked)).whole.change
    biggest = ", ".join(_named(whole.tables[2], _BIGGEST))
    return f"Since yesterday {_signed(whole.whole.change)} gross, {_signed(net)} net; biggest: {biggest}"


def subscribe(db: sqlite3.Connection, user_id: int, by: By, *, wanted: bool) -> None:
    """Let somebody have the day's changes by mail, or no longer; in the caller's transaction."""
    is_so = is_subscribed(db, user_id)
    if wanted == is_so:
        return
    if wanted:
        db.execute("INSERT INTO digest_subscription (user_id, since) VALUES (?, ?)", (user_id, by.at))
    else:
        db.execute("DELETE FROM digest_subscription WHERE user_id = ?", (user_id,))
    write_audit(db, by, Deed("digest", by.actor, "by mail" if is_so else None, "by mail" if wanted else None))


def is_subscribed(db: sqlite3.Connection, user_id: int) -> bool:
    """Whether that person gets the day's changes by mail."""
    return bool(db.execute("SELECT 1 FROM digest_subscription WHERE user_id = ?", (user_id,)).fetchone())


def write_digests(db: sqlite3.Connection, now: datetime) -> int:
    """Put a letter into the outbox for each subscriber whose book has changed; how many. Once a day, however often."""
    today, _ = replace(_asked(now, None), since=station_day(now)).moments()
    with transaction(db):
        people = db.execute(
            """SELECT id, role, ae_id FROM user JOIN digest_subscription ON user_id = user.id
               WHERE active AND role <> 'viewer' AND id NOT IN (
                   SELECT user_id FROM notice_way JOIN notice ON notice.id = notice_id
                   WHERE kind = 'digest' AND at >= ? AND user_id IS NOT NULL)
               ORDER BY id""",
            (today,),
        ).fetchall()
        written = 0
        for person in people:
            only = (person["ae_id"] or -1) if person["role"] == Role.AE else None
            found = changes_of(db, _asked(now, only))
            if found.whole.weight:
                write_notice(db, _letter(found), (WayName.MAIL,), now, user_id=person["id"])
                written += 1
    return written


def _asked(now: datetime, only_ae_id: int | None) -> Asked:
    today = station_day(now)
    return Asked(today.year, only_ae_id=only_ae_id, since=today - timedelta(days=1), until=today)


def _net(asked: Asked) -> Asked:
    return replace(asked, measure=Measure.NET)


def _letter(found: Changes) -> Notice:
    whole = found.whole
    kinds = ", ".join(f"{whole.spots[kind]:,} {kind} {_signed(cents)}" for kind, cents in whole.cents.items()
                      if whole.spots[kind])  # fmt: skip
    lines = [kinds, "", "Customers:", *_named(found.tables[2], _LETTER_LINES), "", "Months:",
             *_named(found.tables[1], _LETTER_LINES), "", "Gross, since yesterday, Trade included."]  # fmt: skip
    return Notice("digest", f"BookedBiz: {_signed(whole.change)} since yesterday", "\n".join(lines))


def _named(table: Table, count: int) -> list[str]:
    return [f"{row.cells[0]} {_signed(int(row.cells[-1] or 0))}" for row in table.body[:count]]


def _signed(cents: int) -> str:
    return f"+{dollars(cents)}" if cents > 0 else dollars(cents)
