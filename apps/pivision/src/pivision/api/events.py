"""Events for programs: listed, looked at, judged, removed; the names are those of the contract that came first."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypedDict

from flask import Response, url_for

from pivision.api.declaring import Api, How
from pivision.api.shapes import Moment, its
from pivision.events import stored
from pivision.events.stored import LONGEST_NOTE, Place, Said, Wanted
from pivision.ingest.refusals import bad_field
from pivision.moments import moment_of, utc_text
from pivision.web import privacy
from pivision.web.context import by, database, folder, now, writing
from pivision.web.events import day
from pivision.web.roles import ADMIN, SIGNED_IN

api = Api("api_events", "/api/v1/admin", "Events")

EVERY_MANY = 50
MOST = 500

Kind = Literal[
    "interaction_detected", "stock_changed", "restocked", "empty_confirmed", "camera_obstructed", "scene_shifted",
    "camera_dark", "camera_offline", "camera_online",
]  # fmt: skip
Role = Literal["pre", "during", "post", "annotated"]
Review = Literal["new", "right", "wrong"]


class Line(TypedDict):
    """An event. Width, height, capture_ts and resolution are those of the picture at image_url."""

    id: int
    device_id: Annotated[str, "the camera's name"]
    device_title: Annotated[str, "what people call it"]
    event_type: Kind
    event_ts: Annotated[Moment, "when it began"]
    ended_ts: Annotated[Moment | None, "null while it goes on"]
    slot: Annotated[str, "the goods that it is about; empty when it is about none"]
    summary: str
    note: str
    confidence: Annotated[float, its(minimum=0, maximum=1)]
    observed_interaction: bool | None
    person_count: int | None
    review: Review
    starred: bool
    has_image: bool
    image_url: str | None
    pictures: Annotated[dict[str, str], "addresses by what they show: pre, during, post, annotated"]
    width: int | None
    height: int | None
    capture_ts: Annotated[
        Moment | None, "as the camera says; null when its clock was not set, or the frame's row is gone"
    ]
    resolution: Annotated[str | None, its(examples=("640x480",))]
    age_minutes: Annotated[int, "since it began"]


class Shot(TypedDict):
    """A picture of an event; without url when it is older than pictures are kept."""

    role: str
    url: str | None
    width: int
    height: int
    bytes: int
    stored_at: Moment
    deleted_at: Moment | None


class Detail(Line):
    """An event with its reasons."""

    details: Annotated[dict[str, Any], "scores, thresholds, versions: why it was one"]
    trace: Annotated[list[str], "what the detector went through"]
    files: list[Shot]
    reviewed_by: str | None
    reviewed_at: Moment | None
    earlier_id: Annotated[int | None, "the event of this camera before it"]
    later_id: int | None


class Listed(TypedDict):
    """The newest first. `next` is the cursor of those after them, null at the end."""

    ok: Literal[True]
    events: list[Line]
    next: str | None


class One(TypedDict):
    """One event."""

    ok: Literal[True]
    event: Detail


class Deleted(TypedDict):
    """It is gone, with its pictures."""

    ok: Literal[True]
    deleted: int


class Saying(TypedDict, total=False):
    """What a person says of an event; what is left out stays."""

    review: Review
    note: Annotated[str, its(maxLength=LONGEST_NOTE)]
    starred: bool


_Day = Annotated[str, its(maxLength=40), "a day where the appliance stands (2026-11-20), or a moment with its zone"]
Asked = TypedDict(
    "Asked",
    {
        "limit": Annotated[int, its(minimum=1, maximum=MOST, default=EVERY_MANY)],
        "cursor": Annotated[str, its(maxLength=64), "`next` of the answer before"],
        "type": Kind,
        "device": Annotated[str, its(maxLength=64)],
        "from": _Day,
        "to": Annotated[_Day, "to the end of this day, or before a moment"],
        "reviewed": bool,
        "review": Review,
        "starred": bool,
        "text": Annotated[str, its(maxLength=64), "in the note or the summary"],
    },
    total=False,
)


def _tag(answer: Listed) -> str:
    """Of all but the age, which a client can tell by itself."""
    told = [{**each, "age_minutes": 0} for each in answer["events"]]
    return hashlib.sha256(json.dumps([told, answer["next"]]).encode()).hexdigest()[:24]


@api.on("GET", "/events", SIGNED_IN, How(tag=_tag))
def events(asked: Asked) -> Listed:
    """The newest events, narrowed by what is asked.

    A cursor names a place among them: what comes or goes meanwhile shifts no page.
    """
    before = Place.of(asked["cursor"]) if "cursor" in asked else None
    if "cursor" in asked and before is None:
        raise bad_field("cursor", "the `next` of an answer")
    wanted = Wanted(
        kind=asked.get("type"),
        device=asked.get("device"),
        review=asked.get("review"),
        reviewed=asked.get("reviewed"),
        starred=asked.get("starred"),
        since=_moment("from", asked.get("from"), 0),
        until=_moment("to", asked.get("to"), 1),
        words=asked.get("text") or None,
    )
    most = asked.get("limit", EVERY_MANY)
    found = stored.newest(database(), wanted, most + 1, before)
    last = found[most - 1] if len(found) > most else None
    return {
        "ok": True,
        "events": [_line(each) for each in found[:most]],
        "next": str(Place(last["started_at"], last["id"])) if last else None,
    }


@api.on("GET", "/events/<int:event_id>", SIGNED_IN)
def event(event_id: int) -> One:
    """One event with its pictures, and why it was one."""
    return {"ok": True, "event": _detail(event_id)}


@api.on("PATCH POST", "/events/<int:event_id>", ADMIN)
def say(event_id: int, body: Saying) -> One:
    """A review, a note, a star; the event as it is then."""
    with writing() as db:
        stored.say(db, event_id, Said(body.get("review"), body.get("note"), body.get("starred")), by())
    return {"ok": True, "event": _detail(event_id)}


@api.on("DELETE", "/events/<int:event_id>", ADMIN)
def delete(event_id: int) -> Deleted:
    """The event goes for good, and its pictures with it."""
    with writing() as db:
        stored.remove(db, folder(), event_id, by())
    return {"ok": True, "deleted": event_id}


@api.on("GET", "/events/<int:event_id>/pictures/<role>", SIGNED_IN, How(media="image/jpeg", is_tagged=True))
def picture(event_id: int, role: Role) -> Response:
    """A picture of the event, by what it shows; of a camera with the privacy blur, of the goods alone."""
    return privacy.event_picture(event_id, role)


def _moment(name: str, text: str | None, days: int) -> str | None:
    """A day's midnight, `days` later; a moment as it is. Refusal (400)."""
    if text is None:
        return None
    midnight = day(text)
    if midnight is not None:
        return utc_text(midnight + timedelta(days=days))
    try:
        found = datetime.fromisoformat(text)
    except ValueError as why:
        raise bad_field(name, "a day like 2026-11-20, or a moment with its zone") from why
    if found.tzinfo is None:
        raise bad_field(name, "a moment with its zone, like 2026-11-20T12:00:00Z")
    return utc_text(found)


def _line(event: dict[str, Any]) -> Line:
    places = {role: url_for("api_events.picture", event_id=event["id"], role=role) for role in event["roles"]}
    sized = event["width"] is not None
    return {
        "id": event["id"],
        "device_id": event["device"],
        "device_title": event["title"],
        "event_type": event["kind"],
        "event_ts": event["started_at"],
        "ended_ts": event["ended_at"],
        "slot": event["slot"],
        "summary": event["summary"],
        "note": event["note"],
        "confidence": event["confidence"],
        "observed_interaction": _fact(event["observed_interaction"]),
        "person_count": event["person_count"],
        "review": event["review"],
        "starred": bool(event["starred"]),
        "has_image": bool(places),
        "image_url": places.get(event["shown"] or ""),
        "pictures": places,
        "width": event["width"],
        "height": event["height"],
        "capture_ts": event["captured_at"],
        "resolution": f"{event['width']}x{event['height']}" if sized else None,
        "age_minutes": max(0, int((now() - moment_of(event["started_at"])).total_seconds() // 60)),
    }


def _detail(event_id: int) -> Detail:
    found = stored.one(database(), event_id)
    details = json.loads(found["details"])
    files = stored.pictures(database(), event_id)
    return {
        **_line(stored.listed(database(), event_id)),
        "trace": details.pop("trace", []),
        "details": details,
        "files": [
            {
                "role": each["role"],
                "url": None
                if each["deleted_at"]
                else url_for("api_events.picture", event_id=event_id, role=each["role"]),
                "width": each["width"],
                "height": each["height"],
                "bytes": each["bytes"],
                "stored_at": each["stored_at"],
                "deleted_at": each["deleted_at"],
            }
            for each in files
        ],
        "reviewed_by": found["reviewed_by"],
        "reviewed_at": found["reviewed_at"],
        "earlier_id": found["earlier_id"],
        "later_id": found["later_id"],
    }


def _fact(number: int | None) -> bool | None:
    return None if number is None else bool(number)
