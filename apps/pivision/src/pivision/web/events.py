"""Events: the timeline, one event with its pictures and reasons, what a person says of it, and all of it as CSV."""

import csv
import io
import json
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.devices.audit import note
from pivision.moments import utc_text
from pivision.pictures import filing
from pivision.spreadsheets import harmless
from pivision.web import privacy
from pivision.web.context import by, database, folder, now, writing
from pivision.web.layout import KINDS, local, zone
from pivision.web.roles import ADMIN, SIGNED_IN, only
from pivision.web.statements import SQL
from station_kit.sqlitefile import transaction

blueprint = Blueprint("events", __name__)

PAGE = 24
MOST_CSV = 100_000
LONGEST_NOTE = 1000
_REVIEWS = ("new", "right", "wrong")


@blueprint.get("/events")
@only(SIGNED_IN)
def timeline() -> str:
    """The newest first, narrowed by what the address says."""
    found = events_before(most=PAGE + 1, **_asked())
    more = found[PAGE - 1] if len(found) > PAGE else None
    days: dict[str, list[dict[str, Any]]] = {}
    for each in found[:PAGE]:
        days.setdefault(f"{local(each['started_at']):%Y-%m-%d}", []).append(each)
    return render_template(
        "events.html",
        days=days,
        asked=request.args,
        cameras=[row["name"] for row in database().execute("SELECT name FROM device ORDER BY name")],
        more={**request.args, "before": f"{more['started_at']},{more['id']}"} if more else None,
    )


@blueprint.get("/events.csv")
@only(SIGNED_IN)
def as_csv() -> ResponseReturnValue:
    """The same events as a file, all of them."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = ("id", "device", "kind", "slot", "started_at", "ended_at", "confidence", "summary", "review", "note")
    writer.writerow([*names, "local_time"])
    for each in events_before(most=MOST_CSV, **_asked()):
        writer.writerow([*(harmless(each[name]) for name in names), f"{local(each['started_at']):%Y-%m-%d %H:%M:%S}"])
    headers = {"Content-Disposition": f'attachment; filename="pivision-events-{local(now()):%Y-%m-%d}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=headers)


@blueprint.get("/events/<int:event_id>")
@only(SIGNED_IN)
def one(event_id: int) -> str:
    """One event: before and after, and why it was one."""
    event = _event(event_id)
    pictures = database().execute(SQL["event_pictures"], {"event_id": event_id}).fetchall()
    details = json.loads(event["details"])
    return render_template(
        "event.html",
        event=event,
        pictures={row["role"]: row for row in pictures},
        trace=details.pop("trace", []),
        details=details,
    )


@blueprint.get("/events/<int:event_id>/<role>.jpg")
@only(SIGNED_IN)
def picture(event_id: int, role: str) -> ResponseReturnValue:
    """A picture of the event, by what it shows, as people may see it."""
    return privacy.event_picture(event_id, role)


@blueprint.post("/events/<int:event_id>")
@only(ADMIN)
def change(event_id: int) -> ResponseReturnValue:
    """What a person says of it: right or wrong, a star, a note."""
    event = _event(event_id)
    review = request.form.get("review", event["review"])
    words = request.form.get("note", event["note"]).strip()[:LONGEST_NOTE]
    starred = request.form.get("starred", str(event["starred"])) == "1"
    if review not in _REVIEWS:
        abort(400)
    who = by()
    reviewed = (who.who, who.at) if review != event["review"] else (event["reviewed_by"], event["reviewed_at"])
    with writing() as db, transaction(db):
        db.execute(
            "UPDATE event SET review = ?, note = ?, starred = ?, reviewed_by = ?, reviewed_at = ? WHERE id = ?",
            (review, words, int(starred), *reviewed, event_id),
        )
        note(db, who, "event reviewed", str(event_id), old=event["review"], new=review)
    following = request.form.get("next")
    if following == "unreviewed":
        return redirect(_next_unreviewed(event) or url_for("events.timeline", review="new"))
    return redirect(url_for("events.one", event_id=event_id))


@blueprint.post("/events/<int:event_id>/delete")
@only(ADMIN)
def delete(event_id: int) -> ResponseReturnValue:
    """The event and its pictures go: the rows first, so that nothing names a file that is gone."""
    event = _event(event_id)
    with writing() as db:
        paths = [row["path"] for row in db.execute(SQL["event_pictures"], {"event_id": event_id})]
        with transaction(db):
            db.execute("DELETE FROM event WHERE id = ?", (event_id,))
            note(db, by(), "event deleted", str(event_id), old=f"{event['kind']} of {event['started_at']}")
    for path in paths:
        filing.remove(folder().file(path), folder().events)
    return redirect(url_for("events.timeline"))


def events_before(*, most: int, **asked: Any) -> list[dict[str, Any]]:
    """The newest events, narrowed by what is asked."""
    names = ("before_at", "before_id", "kind", "device", "review", "since", "until", "words", "starred")
    values = dict.fromkeys(names) | asked | {"most": most}
    rows = database().execute(SQL["events"], values)
    return [dict(row) | {"roles": (row["roles"] or "").split(",")} for row in rows]


def _asked() -> dict[str, Any]:
    """What the address says; what makes no sense is left out."""
    args, found = request.args, dict[str, Any]()
    if args.get("kind") in KINDS:
        found["kind"] = args["kind"]
    if args.get("review") in _REVIEWS:
        found["review"] = args["review"]
    if args.get("starred") == "1":
        found["starred"] = 1
    for name in ("device", "words"):
        if args.get(name):
            found[name] = args[name].replace("%", "").replace("_", " ")[:64] if name == "words" else args[name][:64]
    for name, extra in (("since", 0), ("until", 1)):
        at = _day(args.get(name, ""))
        if at is not None:
            found[name] = utc_text(at + timedelta(days=extra))
    at_text, _, number = args.get("before", "").partition(",")
    if number.isascii() and number.isdigit():
        found["before_at"], found["before_id"] = at_text, int(number)
    return found


def _day(text: str) -> datetime | None:
    """The midnight of a day at the appliance."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone())
    except ValueError:
        return None


def _event(event_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = database().execute(SQL["event"], {"event_id": event_id}).fetchone()
    if row is None:
        abort(404)
    return row


def _next_unreviewed(event: sqlite3.Row) -> str | None:
    """The next older one that nobody looked at."""
    values = {"before_at": event["started_at"], "before_id": event["id"], "review": "new"}
    found = events_before(most=1, **values)
    return url_for("events.one", event_id=found[0]["id"]) if found else None
