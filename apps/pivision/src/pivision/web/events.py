"""Events: the timeline, one event with its pictures and reasons, what a person says of it, and all of it as CSV."""

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.events import stored
from pivision.events.stored import REVIEWS, Place, Said, Wanted
from pivision.moments import utc_text
from pivision.pictures.frames import PictureGone
from pivision.spreadsheets import harmless
from pivision.web import privacy, reasons
from pivision.web.context import by, database, folder, now, writing
from pivision.web.layout import KINDS, clock, local, zone
from pivision.web.roles import ADMIN, SIGNED_IN, only

blueprint = Blueprint("events", __name__)

PAGE = 24
MOST_CSV = 100_000
_LONGEST_WORDS = 64


@blueprint.get("/events")
@only(SIGNED_IN)
def timeline() -> str:
    """The newest first, narrowed by what the address says."""
    found = stored.newest(database(), _asked(), PAGE + 1, Place.of(request.args.get("before", "")))
    more = found[PAGE - 1] if len(found) > PAGE else None
    days: dict[str, list[dict[str, Any]]] = {}
    for each in found[:PAGE]:
        days.setdefault(f"{local(each['started_at']):%Y-%m-%d}", []).append(each)
    return render_template(
        "events.html",
        days=days,
        asked=request.args,
        cameras=[row["name"] for row in database().execute("SELECT name FROM device ORDER BY name")],
        more={**request.args, "before": Place(more["started_at"], more["id"])} if more else None,
    )


@blueprint.get("/events.csv")
@only(SIGNED_IN)
def as_csv() -> ResponseReturnValue:
    """The same events as a file, all of them."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = ("id", "device", "kind", "slot", "started_at", "ended_at", "confidence", "summary", "review", "note")
    writer.writerow([*names, "local_time"])
    for each in stored.newest(database(), _asked(), MOST_CSV):
        writer.writerow([*(harmless(each[name]) for name in names), f"{local(each['started_at']):%Y-%m-%d %H:%M:%S}"])
    headers = {"Content-Disposition": f'attachment; filename="pivision-events-{local(now()):%Y-%m-%d}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=headers)


@blueprint.get("/events/<int:event_id>")
@only(SIGNED_IN)
def one(event_id: int) -> str:
    """One event: before and after, and why it was one."""
    event = stored.one(database(), event_id)
    details = json.loads(event["details"])
    return render_template(
        "event.html",
        event=event,
        pictures={row["role"]: row for row in stored.pictures(database(), event_id)},
        trace=reasons.steps(details.pop("trace", [])),
        reasons=reasons.reasons(details, lambda at: clock(datetime.fromtimestamp(at, UTC))),
    )


@blueprint.get("/events/<int:event_id>/<role>.jpg")
@only(SIGNED_IN)
def picture(event_id: int, role: str) -> ResponseReturnValue:
    """A picture of the event, by what it shows, as people may see it; where it is gone, one that says so."""
    try:
        return privacy.event_picture(event_id, role)
    except PictureGone as why:
        return privacy.placeholder(why.message)


@blueprint.post("/events/<int:event_id>")
@only(ADMIN)
def change(event_id: int) -> ResponseReturnValue:
    """What a person says of it: right or wrong, a star, a note."""
    form = request.form
    said = Said(form.get("review"), form.get("note"), form["starred"] == "1" if "starred" in form else None)
    with writing() as db:
        stored.say(db, event_id, said, by())
    if form.get("next") == "unreviewed":
        following = _next_unreviewed(stored.one(database(), event_id))
        return redirect(following or url_for("events.timeline", review="new"))
    return redirect(url_for("events.one", event_id=event_id))


@blueprint.post("/events/<int:event_id>/delete")
@only(ADMIN)
def delete(event_id: int) -> ResponseReturnValue:
    """The event and its pictures go."""
    with writing() as db:
        stored.remove(db, folder(), event_id, by())
    return redirect(url_for("events.timeline"))


def day(text: str) -> datetime | None:
    """The midnight of a day where the appliance stands; None when it is no day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone())
    except ValueError:
        return None


def _asked() -> Wanted:
    """What the address says; what makes no sense is left out."""
    args = request.args
    moments: dict[str, Any] = {}
    for name, extra in (("since", 0), ("until", 1)):
        at = day(args.get(name, ""))
        moments[name] = at and utc_text(at + timedelta(days=extra))
    return Wanted(
        kind=args["kind"] if args.get("kind") in KINDS else None,
        device=args.get("device") or None,
        review=args["review"] if args.get("review") in REVIEWS else None,
        starred=True if args.get("starred") == "1" else None,
        words=args.get("words", "")[:_LONGEST_WORDS] or None,
        **moments,
    )


def _next_unreviewed(event: sqlite3.Row) -> str | None:
    """The next older one that nobody looked at."""
    found = stored.newest(database(), Wanted(review="new"), 1, Place(event["started_at"], event["id"]))
    return url_for("events.one", event_id=found[0]["id"]) if found else None
