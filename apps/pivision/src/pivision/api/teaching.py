"""What a drawn box and the newest pictures suggest: how much of the goods is a change, and how much motion a visit."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from pivision.api.declaring import Api, How, Problem, Refused
from pivision.api.statements import SQL
from pivision.config import Region, RegionKind, from_json
from pivision.devices import configs, registry
from pivision.errors import BadConfig
from pivision.pictures import frames
from pivision.vision.decode import Grey, UnreadablePicture, grey
from pivision.vision.teach import Taught, teach
from pivision.web.context import database, folder
from pivision.web.roles import ADMIN

MOST_PICTURES = 12
LEAST_PICTURES = 3

api = Api("api_teaching", "/api/v1/admin", "Cameras' settings")


class Box(TypedDict):
    """A drawn box to teach from, by its name, and all that is drawn."""

    regions: list[Region]
    box: str


class Suggestion(TypedDict):
    """What to set, and why."""

    ok: Literal[True]
    slot: Annotated[str | None, "the goods whose min_area it is; null when the box is where people reach in"]
    min_area: float | None
    interaction_threshold: float
    noise: Annotated[float, "by which a quiet place differs, in grey levels of 255"]
    pictures: int
    why: list[str]


class TooFew(Problem):
    """Not enough pictures with nobody in them yet."""

    retry_after_s: float


@api.on("POST", "/devices/<name>/teach", ADMIN, How(refuses={409: TooFew}))
def suggest(name: str, body: Box) -> Suggestion:
    """What to set for a drawn box, and why; nothing is saved."""
    camera = registry.device(database(), name)
    regions = from_json(json.dumps({"regions": body["regions"]})).regions
    box = _box_of(body["box"], regions)
    found, moments = _newest(camera.id)
    if len(found) < LEAST_PICTURES:
        every_s = configs.in_force(database(), camera.id).config.cadence.capture_interval_ms / 1000
        words = f"{LEAST_PICTURES} pictures with nobody in them are wanted, and {len(found)} are there"
        again = f"{words}. The camera sends one every {every_s:g} s: let nobody come near, and try again then."
        raise Refused(409, "too_few", again, retry_after_s=every_s * LEAST_PICTURES)
    slot = _slot_of(box, regions)
    item = box.points if box.kind is RegionKind.INVENTORY else ()
    others = tuple(each for each in regions if slot is None or each.name != box.name or slot.name == box.name)
    taught = teach(found, others, slot.name if slot else "", item)
    return {
        "ok": True,
        "slot": slot.name if slot else None,
        "min_area": taught.min_area and round(taught.min_area, 4),
        "interaction_threshold": taught.interaction_threshold,
        "noise": round(taught.noise, 2),
        "pictures": len(found),
        "why": _why(taught, slot, box, (max(moments) - min(moments)).total_seconds(), len(found)),
    }


def _box_of(name: str, regions: Sequence[Region]) -> Region:
    box = next((each for each in regions if each.name == name), None)
    if box is None or box.kind is RegionKind.IGNORE:
        raise BadConfig("Not taught: the box is neither goods nor where people reach in", "Choose such a region")
    return box


def _newest(device_id: int) -> tuple[list[Grey], list[datetime]]:
    """The newest pictures with nobody in them that are still there, of one size, and when each came."""
    found: list[Grey] = []
    moments: list[datetime] = []
    values = {"device_id": device_id, "most": MOST_PICTURES}
    for row in database().execute(SQL["quiet_frames"], values).fetchall():
        try:
            frame = frames.read(database(), folder(), row["id"])
            picture = grey(frame.jpeg, frame.width, frame.height)
        except (frames.PictureGone, UnreadablePicture):
            continue
        if not found or picture.shape == found[0].shape:
            found.append(picture)
            moments.append(frame.received_at)
    return found, moments


def _slot_of(box: Region, regions: Sequence[Region]) -> Region | None:
    """The goods that the box is one item of: those around its middle, else itself."""
    if box.kind is not RegionKind.INVENTORY:
        return None
    goods = [each for each in regions if each.kind is RegionKind.INVENTORY and each.name != box.name]
    x, y = (sum(corner[axis] for corner in box.points) / len(box.points) for axis in (0, 1))
    return next((each for each in goods if _is_inside(x, y, each)), box)


def _is_inside(x: float, y: float, region: Region) -> bool:
    xs, ys = [corner[0] for corner in region.points], [corner[1] for corner in region.points]
    return min(xs) < x < max(xs) and min(ys) < y < max(ys)


def _why(taught: Taught, slot: Region | None, box: Region, lasted_s: float, pictures: int) -> list[str]:
    words = [
        f"In {pictures} pictures of {lasted_s:.0f} s with nobody in them, a quiet place differs by"
        f" {taught.noise:.1f} of 255 grey levels."
    ]
    if slot is None or taught.min_area is None:
        words.append(
            f"What moves there by itself scores {taught.highest:.2f} at most: a visit is motion from"
            f" {taught.interaction_threshold:.2f} on."
        )
    else:
        whole = "it is one item itself" if slot.name == box.name else f"“{box.name}” is one item of it"
        words.append(f"Of “{slot.name}”, {taught.min_area:.1%} that differ are a change: {whole}, in bad light, too.")
    return words
