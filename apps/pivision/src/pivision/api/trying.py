"""What a camera's settings mean: its newest picture, what was measured lately, what others would have found."""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypedDict, cast

from flask import Response

from pivision.api.declaring import Api, How, Problem, Refused
from pivision.api.settings import Settings, changed
from pivision.api.shapes import Moment, its
from pivision.api.statements import SQL
from pivision.config import Config, Region, from_json
from pivision.devices import configs, registry
from pivision.ingest.refusals import bad_field
from pivision.moments import moment_of, utc_text
from pivision.pictures import frames
from pivision.replay.running import Event
from pivision.replay.shots import Shot
from pivision.replay.whatif import Comparison, Scored, of_pictures, of_scores
from pivision.web import privacy
from pivision.web.context import database, folder, now
from pivision.web.layout import clock
from pivision.web.roles import SIGNED_IN

api = Api("api_trying", "/api/v1/admin", "Cameras' settings")

MOST_SCORES = 50_000
MOST_PICTURES = 2_400  # 20 minutes of a burst: some seconds of work
MOST_BYTES = 128 * 2**20  # of them in memory; a picture of 640x480 has 50 KiB
MOST_HOURS = 24 * 7
STRIP = 240  # pictures: two minutes of a burst

_looking = threading.Lock()  # a viewer may ask: for one at a time the others' pages and the memory suffice


class Measured(TypedDict):
    """What the detector measured lately, the oldest first."""

    ok: Literal[True]
    scores: Annotated[list[dict[str, Any]], "id and at of each picture; motion, background, phase, stock:NAME"]


class Question(TypedDict, total=False):
    """Other settings; what is left out is as it is in force."""

    settings: Settings
    regions: Annotated[list[Region], "all of them; by pictures alone, since what was measured goes by those of then"]
    hours: Annotated[float, its(minimum=0.1, maximum=MOST_HOURS, default=24)]
    by: Annotated[Literal["scores", "pictures"], "pictures: those of a recording, and slower"]


class Found(TypedDict):
    """An event that one of the two finds alone."""

    kind: str
    slot: str
    at: Annotated[str, "as the clock where the appliance stands showed it"]
    began_at: Moment
    confidence: float


class Compared(TypedDict):
    """What is found with the settings in force and with the others."""

    ok: Literal[True]
    pictures: Annotated[int, "that were looked at"]
    before: int
    after: int
    gained: list[Found]
    lost: list[Found]


@api.on("GET", "/devices/<name>/latest.jpg", SIGNED_IN, How(media="image/jpeg", is_tagged=True))
def latest(name: str) -> Response:
    """The newest picture that is still there, as people may see it."""
    return privacy.latest_picture(name)


@api.on("GET", "/devices/<name>/scores", SIGNED_IN)
def scores(name: str) -> Measured:
    """What the detector measured in the last half hour."""
    device = registry.device(database(), name)
    values = {"device_id": device.id, "after": utc_text(now() - timedelta(minutes=30)), "most": STRIP}
    rows = database().execute(SQL["score_strip"], values).fetchall()
    found = [{"id": row["id"], "at": row["received_at"], **json.loads(row["scores"])} for row in reversed(rows)]
    return {"ok": True, "scores": found}


@api.on("POST", "/devices/<name>/what-if", SIGNED_IN, How(refuses={409: Problem}))
def what_if(name: str, body: Question) -> Compared:
    """What other settings would have found in the last hours.

    Nothing is saved. By stored scores, or by the pictures of a recording.
    """
    camera = registry.device(database(), name)
    in_force = configs.in_force(database(), camera.id).config
    proposed = changed(in_force, cast(dict[str, float], body.get("settings", {})))
    if "regions" in body:
        if body.get("by") != "pictures":
            raise bad_field("by", "`pictures`, which other regions want")
        proposed = replace(proposed, regions=from_json(json.dumps({"regions": body["regions"]})).regions)
    since = now() - timedelta(hours=body.get("hours", 24.0))
    if body.get("by") == "pictures":
        found, looked = _by_pictures(camera.id, since, in_force, proposed)
    else:
        found, looked = _by_scores(camera.id, since, in_force, proposed)
    return {
        "ok": True,
        "pictures": looked,
        "before": len(found.before),
        "after": len(found.after),
        "gained": [_shown(each, since) for each in found.gained],
        "lost": [_shown(each, since) for each in found.lost],
    }


def _by_scores(device_id: int, since: datetime, in_force: Config, proposed: Config) -> tuple[Comparison, int]:
    values = {"device_id": device_id, "after": utc_text(since), "most": MOST_SCORES}
    rows = [
        Scored(row["id"], (moment_of(row["received_at"]) - since).total_seconds(), _numbers(row["scores"]))
        for row in database().execute(SQL["score_strip"], values)
    ]
    return of_scores(rows, in_force.tuning, proposed.tuning), len(rows)


def _by_pictures(device_id: int, since: datetime, in_force: Config, proposed: Config) -> tuple[Comparison, int]:
    if not _looking.acquire(blocking=False):
        raise Refused(409, "busy", "Pictures are looked at for somebody else: ask again in a minute")
    try:
        shots = _shots(device_id, since)
        return of_pictures(shots, in_force, proposed), len(shots)
    finally:
        _looking.release()


def _shots(device_id: int, since: datetime) -> list[Shot]:
    """The newest that are there, the oldest first, and no more than fit into the memory that they may take."""
    values = {"device_id": device_id, "after": utc_text(since), "most": MOST_PICTURES}
    found: list[Shot] = []
    size = 0
    for row in reversed(database().execute(SQL["frames_since"], values).fetchall()):
        try:
            frame = frames.read(database(), folder(), row["id"])
        except frames.PictureGone:
            continue
        size += len(frame.jpeg)
        if size > MOST_BYTES:
            break
        at_s = (frame.received_at - since).total_seconds()
        found.append(Shot(frame.capture_id, at_s, frame.width, frame.height, frame.jpeg))
    return found[::-1]


def _numbers(text: str) -> dict[str, float]:
    return {name: value for name, value in json.loads(text).items() if isinstance(value, int | float)}


def _shown(event: Event, since: datetime) -> Found:
    at = since + timedelta(seconds=event.started_s)
    return {
        "kind": event.kind,
        "slot": event.slot,
        "at": clock(at),
        "began_at": utc_text(at),
        "confidence": round(event.confidence, 2),
    }
