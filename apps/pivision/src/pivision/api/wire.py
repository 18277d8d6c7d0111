"""What cameras ask for, told beside what programs ask for: `pivision.ingest` answers it, without a framework."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pivision.api.declaring import Operation, Problem
from pivision.api.shapes import Moment, Schema, Shapes, its
from pivision.ingest import api

_Whole64 = Annotated[int, its(minimum=0, maximum=2**63 - 1)]
_Name = Annotated[str, its(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Side = Annotated[int, its(minimum=1, maximum=8192)]
_Line = Annotated[str, its(maxLength=200)]
_Clock = Annotated[str | float | None, "ISO-8601, or seconds or milliseconds since 1970; null while it is not set"]
_Millivolts = Annotated[int, its(minimum=0, maximum=100_000)]
_Dbm = Annotated[int, its(minimum=-200, maximum=100)]


class Meta(TypedDict):
    """What a camera says beside its picture."""

    device_id: Annotated[_Name, "the name under which the camera was added"]
    seq: Annotated[_Whole64, "rises with each picture, also over a restart"]
    boot_id: NotRequired[Annotated[_Name, "names the counter: who lost it takes another one"]]
    capture_ts: _Clock
    sent_ts: NotRequired[Annotated[_Clock, "the camera's clock as it sends"]]
    width: _Side
    height: _Side
    sha256: NotRequired[Annotated[str, its(pattern="^[0-9a-fA-F]{64}$"), "of the picture"]]
    burst: NotRequired[Annotated[int, its(enum=(0, 1)), "1 when it sends quickly because something moves"]]
    jpeg_quality: NotRequired[Annotated[int, its(minimum=0, maximum=100)]]
    battery_mv: NotRequired[_Millivolts]
    rssi: NotRequired[_Dbm]
    fw_version: NotRequired[_Line]
    notes: NotRequired[_Line]


class Picture(Meta):
    """The same, with the picture."""

    image_b64: Annotated[str, its(contentEncoding="base64", contentMediaType="image/jpeg")]


class Command(TypedDict):
    """All that a camera without a clock needs."""

    mode: Literal["baseline", "burst"]
    interval_ms: Annotated[int, "until the next picture"]
    burst_until: Moment | None
    burst_ms: Annotated[int, "from now on; then the baseline is right again"]


class Order(TypedDict):
    """What every answer tells a camera."""

    config_version: int
    server_time: Moment
    burst_until: Moment | None
    interval_ms: int
    command: Command


class Stored(Order):
    """The picture is on the disk. `duplicate`: it was there before, under the same number."""

    ok: Literal[True]
    frame_id: int
    received_ts: Moment
    duplicate: bool


class Heartbeat(TypedDict):
    """How the camera is; what is left out stays as it was."""

    device_id: _Name
    rssi: NotRequired[_Dbm]
    battery_mv: NotRequired[_Millivolts]
    fw_version: NotRequired[_Line]
    free_heap: NotRequired[int]
    uptime_s: NotRequired[int]
    reset_reason: NotRequired[_Line]
    spool_depth: NotRequired[int]
    temp_c: NotRequired[float]
    sent_ts: NotRequired[_Clock]


class Heard(Order):
    """It was heard."""

    ok: Literal[True]
    last_seen: Moment


class Configuration(Order):
    """The whole of what a camera is told."""

    ok: Literal[True]
    device_id: _Name
    version: int
    mode: Literal["baseline", "burst"]
    upload_url: str
    config: Annotated[dict[str, Any], "the cadence, as under settings; resolution; what counts as a visit"]


class ConfigAsked(TypedDict, total=False):
    """Of whom: the camera that asks, and no other."""

    device_id: _Name


class Enrolling(TypedDict):
    """A code that a person was shown."""

    device_id: _Name
    code: Annotated[str, its(minLength=1, maxLength=64)]


class Enrolled(TypedDict):
    """The camera's key; nobody is shown it again."""

    ok: Literal[True]
    device_id: _Name
    key: str


class Unknown(Problem):
    """The key or the signature does not open; to a signature of another time the server says its own, and proves it."""

    server_time: NotRequired[Moment]
    proof: NotRequired[str]


def header_of(name: str) -> str:
    """Where a field stands beside a picture that comes as it is: `X-Boot-Id`."""
    return "X-" + name.replace("_", "-").title()


def _headers() -> Mapping[str, Schema]:
    shapes = Shapes()
    shapes.of(Meta)
    fields: dict[str, Any] = shapes.components["Meta"]["properties"]
    return {header_of(name): schema for name, schema in fields.items()}


_BINARY: Schema = {"type": "string", "contentMediaType": "image/jpeg"}
_REFUSED = {401: Unknown, 429: Problem, 503: Problem}
OPERATIONS = (
    Operation(
        name="device_frame",
        method=api.METHODS[api.FRAME],
        address=api.FRAME,
        who=None,
        words="Hand a picture over.\n\nAs it is, with the fields as headers; as a form of two parts; or as JSON.\n"
        "The same picture under the same number is stored once: it may be sent again until it is answered.",
        answer=Stored,
        bodies={
            "image/jpeg": _BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"image": _BINARY, "meta": {"type": "string", "contentMediaType": "application/json"}},
                "required": ["image", "meta"],
            },
            "application/json": Picture,
        },
        refuses={408: Problem, 409: Problem, 411: Problem, 413: Problem, 415: Problem, 422: Problem, **_REFUSED},
        headers=_headers(),
        group="Cameras themselves",
    ),
    Operation(
        name="device_heartbeat",
        method=api.METHODS[api.HEARTBEAT],
        address=api.HEARTBEAT,
        who=None,
        words="Say how the camera is, while no picture is sent.",
        answer=Heard,
        bodies={"application/json": Heartbeat},
        refuses=_REFUSED,
        group="Cameras themselves",
    ),
    Operation(
        name="device_config",
        method=api.METHODS[api.CONFIG],
        address=api.CONFIG,
        who=None,
        words="Ask what to do.",
        answer=Configuration,
        asks=ConfigAsked,
        refuses=_REFUSED,
        tagged=True,
        group="Cameras themselves",
    ),
    Operation(
        name="device_enroll",
        method=api.METHODS[api.ENROLL],
        address=api.ENROLL,
        who=frozenset(),
        words="Exchange a code for a key, once.",
        answer=Enrolled,
        bodies={"application/json": Enrolling},
        refuses=_REFUSED,
        group="Cameras themselves",
    ),
)
