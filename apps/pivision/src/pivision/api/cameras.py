"""Cameras for programs: listed, added, described, switched, enrolled, given another key."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

from pivision.api.declaring import Api, How, Problem
from pivision.api.shapes import Moment, its
from pivision.devices import access, configs, registry
from pivision.devices.access import CODE_S, OVERLAP_S
from pivision.devices.registry import Device
from pivision.ingest.replies import command, configuration
from pivision.moments import utc_text
from pivision.web.context import by, database, now, writing
from pivision.web.devices import LONGEST_NOTES
from pivision.web.roles import ADMIN, SIGNED_IN

api = Api("api_cameras", "/api/v1/admin", "Cameras")

MOST_OVERLAP_S = 30 * 86_400


class Camera(TypedDict):
    """A camera as it is known; null for what it never told."""

    id: int
    device_id: Annotated[str, "its name on the wire"]
    title: Annotated[str, "what people call it"]
    enabled: bool
    online: bool
    created_at: Moment
    last_seen_at: Moment | None
    last_frame_at: Moment | None
    last_config_at: Annotated[Moment | None, "when it last fetched its configuration"]
    config_seen: Annotated[int | None, "the version that it fetched"]
    config_version: Annotated[int, "the version in force"]
    mode: Literal["baseline", "burst"]
    burst_until: Moment | None
    lag_s: Annotated[float, "how long its oldest picture has waited to be looked at"]
    privacy_blur: Annotated[bool, "of its pictures only the goods are shown"]
    signs: Annotated[bool, "only signed requests are taken of it"]
    boot_id: str | None
    fw_version: str | None
    rssi: int | None
    battery_mv: int | None
    temperature_c: float | None
    uptime_s: int | None
    free_heap: int | None
    reset_reason: str | None
    spool_depth: Annotated[int | None, "pictures that wait on it"]
    clock_offset_s: Annotated[float | None, "its clock minus ours"]
    notes: str


class Key(TypedDict):
    """A key that is valid; of it only this is shown again."""

    hint: Annotated[str, "its last 4 characters"]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class Missing(TypedDict):
    """Of its last pictures: how many came, where their numbers jump, how many are missing there."""

    pictures: int
    gaps: int
    missing: int


class Whole(Camera):
    """A camera with all there is to know."""

    keys: list[Key]
    missing: Missing
    served: Annotated[dict[str, Any], "the very JSON that it is told"]


class Cameras(TypedDict):
    """All of them, by name."""

    ok: Literal[True]
    devices: list[Camera]


class OneCamera(TypedDict):
    """One of them."""

    ok: Literal[True]
    device: Whole


class Adding(TypedDict):
    """A new one."""

    device_id: Annotated[str, "letters, digits, dots, dashes and underscores, at most 64"]
    title: NotRequired[Annotated[str, its(maxLength=80)]]


class Coded(TypedDict):
    """The code that the camera exchanges for its key, once; it is shown this once."""

    ok: Literal[True]
    device_id: str
    code: str
    expires_at: Moment


class Describing(TypedDict, total=False):
    """What is left out stays. A camera that is not enabled is refused whatever key it has."""

    title: Annotated[str, its(maxLength=80)]
    notes: Annotated[str, its(maxLength=LONGEST_NOTES)]
    enabled: bool
    privacy_blur: bool
    signs: bool


class Rotating(TypedDict, total=False):
    """How long the old key stays valid at most."""

    overlap_s: Annotated[float, its(minimum=0, maximum=MOST_OVERLAP_S, default=OVERLAP_S)]


class Rotated(TypedDict):
    """Its new key, shown this once; those before it end when it is used, and no later than told."""

    ok: Literal[True]
    device_id: str
    key: str
    old_keys_end_at: Moment


class Revoked(TypedDict):
    """It has to be enrolled again."""

    ok: Literal[True]
    device_id: str
    revoked: Annotated[int, "keys that ended"]


@api.on("GET", "/devices", SIGNED_IN)
def devices() -> Cameras:
    """Every camera, and how it does."""
    return {"ok": True, "devices": [_camera(each) for each in registry.devices(database())]}


@api.on("POST", "/devices", ADMIN, How(status=201, refuses={409: Problem}))
def add(body: Adding) -> Coded:
    """A new camera, and the code that it is enrolled with."""
    with writing() as db:
        registry.add(db, body["device_id"], body.get("title", ""), by())
    return code(body["device_id"])


@api.on("GET", "/devices/<name>", SIGNED_IN)
def device(name: str) -> OneCamera:
    """One camera: how it does, its keys, what it is told."""
    return {"ok": True, "device": _whole(name)}


@api.on("PATCH POST", "/devices/<name>", ADMIN)
def describe(name: str, body: Describing) -> OneCamera:
    """What people call it, what they wrote about it, and whether its pictures are taken, shown whole, signed."""
    with writing() as db:
        found = registry.device(db, name)
        if "title" in body or "notes" in body:
            title, notes = body.get("title", found.title), body.get("notes", found.notes)
            registry.describe(db, name, by(), title=title, notes=notes)
        if body.get("enabled", found.enabled) != found.enabled:
            registry.enable(db, name, by(), enabled=body["enabled"])
        if body.get("privacy_blur", found.privacy_blur) != found.privacy_blur:
            registry.blur(db, name, by(), wanted=body["privacy_blur"])
        if body.get("signs", found.signs) != found.signs:
            registry.require_signatures(db, name, by(), wanted=body["signs"])
    return {"ok": True, "device": _whole(name)}


@api.on("POST", "/devices/<name>/code", ADMIN, How(status=201))
def code(name: str) -> Coded:
    """A code to enroll it with, valid once; the code before it is void."""
    who = by()
    with writing() as db:
        made = access.make_code(db, name, who)
    ends = utc_text(who.now + timedelta(seconds=CODE_S))
    return {"ok": True, "device_id": name, "code": made.reveal(), "expires_at": ends}


@api.on("POST", "/devices/<name>/key", ADMIN, How(status=201))
def rotate(name: str, body: Rotating) -> Rotated:
    """Another key, beside which the old ones are valid for a while."""
    overlap_s, who = body.get("overlap_s", OVERLAP_S), by()
    with writing() as db:
        made = access.rotate(db, name, who, overlap_s=overlap_s)
    ends = utc_text(who.now + timedelta(seconds=overlap_s))
    return {"ok": True, "device_id": name, "key": made.reveal(), "old_keys_end_at": ends}


@api.on("DELETE", "/devices/<name>/keys", ADMIN)
def revoke(name: str) -> Revoked:
    """All its keys and codes end now."""
    with writing() as db:
        ended = access.revoke(db, name, by())
    return {"ok": True, "device_id": name, "revoked": ended}


def _camera(found: Device) -> Camera:
    """What is declared of it, and nothing that a later release may keep for itself."""
    mode = "burst" if found.bursting(now()) else "baseline"
    values = asdict(found) | {"device_id": found.name, "mode": mode, "lag_s": round(found.lag_s(now()), 3)}
    return cast(Camera, {name: values[name] for name in Camera.__annotations__})


def _whole(name: str) -> Whole:
    found = registry.device(database(), name)
    version = configs.in_force(database(), found.id)
    order = command(version.config, version.version, found.burst_until, now())
    return {
        **_camera(found),
        "keys": cast(list[Key], [asdict(each) for each in access.keys_of(database(), found.id, now())]),
        "missing": cast(Missing, asdict(registry.gaps(database(), found.id))),
        "served": configuration(name, version.config, order),
    }
