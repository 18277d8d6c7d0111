"""A camera's settings and regions: read, saved with the version they were made from, taken back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from pivision.api.declaring import Api, How, Problem, Refused
from pivision.api.shapes import Moment, its
from pivision.config import RANGES, Cadence, Config, Region, Tuning, from_json
from pivision.devices import configs, registry
from pivision.devices.configs import Version
from pivision.devices.errors import ConfigConflict
from pivision.web.context import by, database, writing
from pivision.web.roles import ADMIN, SIGNED_IN

api = Api("api_settings", "/api/v1/admin", "Cameras' settings")

MOST_VERSIONS = 200


@dataclass(frozen=True)
class Settings(Cadence, Tuning):
    """How a camera sends, and what is an event."""


_LAST = 2**31  # versions are counted by ones
_Expected = Annotated[int, its(minimum=0, maximum=_LAST), "the version that it was made from; 0 before the first"]


class Drawn(TypedDict):
    """Where a camera looks, in force."""

    ok: Literal[True]
    device_id: str
    version: int
    regions: list[Region]


class Drawing(TypedDict):
    """All regions; those that are not in it go."""

    expected: _Expected
    regions: list[Region]
    interaction_threshold: NotRequired[
        Annotated[float, its(minimum=RANGES["interaction_threshold"][0], maximum=1), "taught with them"]
    ]


class Kept(TypedDict):
    """The settings in force."""

    ok: Literal[True]
    device_id: str
    version: int
    settings: Settings
    made_at: Moment | None
    made_by: str
    note: str


class Keeping(TypedDict):
    """Other settings; what is left out stays."""

    expected: _Expected
    settings: Settings
    why: NotRequired[Annotated[str, its(maxLength=200)]]


class Edition(TypedDict):
    """What was in force from then on. A revert is a version, too."""

    version: int
    made_at: Moment
    made_by: str
    note: str
    settings: Settings
    regions: list[Region]


class Editions(TypedDict):
    """The newest first."""

    ok: Literal[True]
    versions: list[Edition]


class Reverting(TypedDict):
    """Back to a version; 0 is how every camera begins."""

    expected: _Expected
    to: Annotated[int, its(minimum=0, maximum=_LAST)]


class DrawnMeanwhile(Problem):
    """Somebody else saved meanwhile: nothing changed, and this is in force."""

    current: Drawn


class KeptMeanwhile(Problem):
    """Somebody else saved meanwhile: nothing changed, and this is in force."""

    current: Kept


class _Some(TypedDict, total=False):
    """How many."""

    limit: Annotated[int, its(minimum=1, maximum=MOST_VERSIONS, default=50)]


@api.on("GET", "/devices/<name>/regions", SIGNED_IN)
def regions(name: str) -> Drawn:
    """Where the camera looks: polygons, each corner 0 to 1 of the picture's width and height."""
    version = _in_force(name)
    return {"ok": True, "device_id": name, "version": version.version, "regions": list(version.config.regions)}


@api.on("PUT", "/devices/<name>/regions", ADMIN, How(refuses={409: DrawnMeanwhile}))
def put_regions(name: str, body: Drawing) -> Drawn:
    """Draw anew; the next picture is judged by it."""
    drawn = from_json(json.dumps({"regions": body["regions"]}))
    taught = {"interaction_threshold": body["interaction_threshold"]} if "interaction_threshold" in body else {}
    try:
        with writing() as db:
            camera = registry.device(db, name)
            config = replace(changed(configs.in_force(db, camera.id).config, taught), regions=drawn.regions)
            configs.put(db, camera.id, config, by(), expected=body["expected"], why="regions drawn")
    except ConfigConflict as why:
        raise Refused(409, "version_conflict", f"{why.message}. {why.hint}.", current=regions(name)) from why
    return regions(name)


@api.on("GET", "/devices/<name>/settings", SIGNED_IN)
def settings(name: str) -> Kept:
    """How the camera sends, and what is an event."""
    version = _in_force(name)
    return {
        "ok": True,
        "device_id": name,
        "version": version.version,
        "settings": _settings(version.config),
        "made_at": version.made_at or None,
        "made_by": version.made_by,
        "note": version.note,
    }


@api.on("PUT", "/devices/<name>/settings", ADMIN, How(refuses={409: KeptMeanwhile}))
def put_settings(name: str, body: Keeping) -> Kept:
    """Other settings, in force from the next picture on; what changes nothing makes no version."""
    try:
        with writing() as db:
            camera = registry.device(db, name)
            before = configs.in_force(db, camera.id).config
            config = changed(before, cast(dict[str, float], body["settings"]))
            if config != before:
                configs.put(db, camera.id, config, by(), expected=body["expected"], why=body.get("why", ""))
    except ConfigConflict as why:
        raise Refused(409, "version_conflict", f"{why.message}. {why.hint}.", current=settings(name)) from why
    return settings(name)


@api.on("GET", "/devices/<name>/settings/versions", SIGNED_IN)
def versions(name: str, asked: _Some) -> Editions:
    """What was in force when, and who said so."""
    camera = registry.device(database(), name)
    found = configs.history(database(), camera.id, asked.get("limit", 50))
    return {
        "ok": True,
        "versions": [
            {
                "version": each.version,
                "made_at": each.made_at,
                "made_by": each.made_by,
                "note": each.note,
                "settings": _settings(each.config),
                "regions": list(each.config.regions),
            }
            for each in found
        ],
    }


@api.on("POST", "/devices/<name>/settings/revert", ADMIN, How(refuses={409: KeptMeanwhile}))
def revert(name: str, body: Reverting) -> Kept:
    """What an earlier version said, settings and regions, as a new one."""
    try:
        with writing() as db:
            camera = registry.device(db, name)
            configs.revert(db, camera.id, body["to"], by(), expected=body["expected"])
    except ConfigConflict as why:
        raise Refused(409, "version_conflict", f"{why.message}. {why.hint}.", current=settings(name)) from why
    return settings(name)


def changed(before: Config, values: Mapping[str, float]) -> Config:
    """As before but for these, named without their part. BadConfig."""
    parts: dict[str, dict[str, float]] = {"cadence": asdict(before.cadence), "tuning": asdict(before.tuning)}
    for name, value in values.items():
        parts["cadence" if name in parts["cadence"] else "tuning"][name] = value
    return replace(from_json(json.dumps(parts)), regions=before.regions)


def _in_force(name: str) -> Version:
    return configs.in_force(database(), registry.device(database(), name).id)


def _settings(config: Config) -> Settings:
    return Settings(**asdict(config.cadence), **asdict(config.tuning))
