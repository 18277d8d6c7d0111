"""What a camera says beside its picture, checked. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pivision.ingest.refusals import Refusal, bad_field
from pivision.moments import utc_text

_LATEST_SEQ = 2**63 - 1
_MOST_PIXELS_ASIDE = 8192
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_CLOCK_SET = datetime(2015, 1, 1, tzinfo=UTC)  # before it a clock was never set: the 1970 of a microcontroller
_CLOCK_ENDS = datetime(2200, 1, 1, tzinfo=UTC)
_MOST_EPOCH_S = 100_000_000_000  # more is in milliseconds
_LONGEST_TEXT = 200

Values = Mapping[str, object]


@dataclass(frozen=True)
class Meta:
    """One picture's. `captured_at` is None when the camera's clock was not set, `extras` is what is kept besides."""

    device: str
    seq: int
    boot_id: str | None
    captured_at: datetime | None
    captured_raw: str | None
    sent_at: datetime | None
    width: int | None
    height: int | None
    sha256: bytes | None
    extras: dict[str, object] = field(default_factory=dict)


def meta_of(values: Values, *, complete: bool) -> Meta:
    """Checked. `complete`: capture_ts, width and height have to be there. Refusal (400) names the field."""
    if complete:
        for name in ("capture_ts", "width", "height"):
            if name not in values:
                raise _missing(name)
    raw = values.get("capture_ts")
    boot_id = _text(values, "boot_id", 64)
    if boot_id is not None and not _DEVICE.fullmatch(boot_id):
        raise bad_field("boot_id", "1 to 64 letters, digits, dots, dashes or underscores")
    digest = _text(values, "sha256", 64)
    if digest is not None and not _SHA256.fullmatch(digest):
        raise bad_field("sha256", "64 hexadecimal digits")
    return Meta(
        device=device_of(values),
        seq=_required(values, "seq", 0, _LATEST_SEQ),
        boot_id=boot_id,
        captured_at=moment("capture_ts", raw),
        captured_raw=None if raw is None else str(raw)[:64].encode("ascii", "replace").decode(),
        sent_at=moment("sent_ts", values.get("sent_ts")),
        width=_whole(values, "width", 1, _MOST_PIXELS_ASIDE),
        height=_whole(values, "height", 1, _MOST_PIXELS_ASIDE),
        sha256=bytes.fromhex(digest) if digest else None,
        extras=_present(values, _EXTRAS),
    )


def device_of(values: Values) -> str:
    """The device's name: one that can be no path. Refusal (400)."""
    name = values.get("device_id")
    if name is None:
        raise _missing("device_id")
    if not isinstance(name, str) or not _DEVICE.fullmatch(name):
        raise bad_field("device_id", "1 to 64 letters, digits, dots, dashes or underscores")
    return name


def telemetry(values: Values) -> dict[str, object]:
    """What a heartbeat tells, by the database's names; what it leaves out is not in it. Refusal (400)."""
    return _present(values, _TELEMETRY)


def moment(name: str, found: object) -> datetime | None:
    """ISO-8601 text, or seconds or milliseconds since 1970; None for none, or of a clock that was never set."""
    if found is None or found == "":
        return None
    try:
        if isinstance(found, str) and not found.strip().replace(".", "", 1).isdecimal():
            at = datetime.fromisoformat(found.strip())
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        elif isinstance(found, int | float | str) and not isinstance(found, bool):
            number = float(found)
            at = datetime.fromtimestamp(number / 1000 if number > _MOST_EPOCH_S else number, UTC)
        else:
            raise ValueError
    except (ValueError, OverflowError, OSError) as why:
        raise bad_field(name, "a moment as ISO-8601, or seconds or milliseconds since 1970") from why
    return at if _CLOCK_SET <= at <= _CLOCK_ENDS else None


def moment_text(at: datetime | None) -> str | None:
    """As it is stored."""
    return None if at is None else utc_text(at)


def _whole(values: Values, name: str, least: int, most: int) -> int | None:
    found = values.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise bad_field(name, f"a whole number from {least} to {most}")
    return found


def _required(values: Values, name: str, least: int, most: int) -> int:
    found = _whole(values, name, least, most)
    if found is None:
        raise _missing(name)
    return found


def _number(values: Values, name: str, least: float, most: float) -> float | None:
    found = values.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise bad_field(name, f"a number from {least:g} to {most:g}")
    return float(found)


def _text(values: Values, name: str, most: int = _LONGEST_TEXT) -> str | None:
    found = values.get(name)
    if found is None or found == "":
        return None
    if not isinstance(found, str) or len(found) > most or not found.isprintable():
        raise bad_field(name, f"one line of at most {most} characters")
    return found


def _flag(values: Values, name: str) -> int | None:
    found = values.get(name)
    if found not in (None, 0, 1):
        raise bad_field(name, "true or false")
    return 1 if found else None


def _missing(name: str) -> Refusal:
    return Refusal(400, "missing_field", f"{name} is missing")


Reader = Callable[[Values], object]

_EXTRAS: Mapping[str, Reader] = {
    "jpeg_quality": lambda values: _whole(values, "jpeg_quality", 0, 100),
    "battery_mv": lambda values: _whole(values, "battery_mv", 0, 100_000),
    "rssi": lambda values: _whole(values, "rssi", -200, 100),
    "fw_version": lambda values: _text(values, "fw_version"),
    "notes": lambda values: _text(values, "notes"),
    "burst": lambda values: _flag(values, "burst"),
}
_TELEMETRY: Mapping[str, Reader] = {
    "battery_mv": _EXTRAS["battery_mv"],
    "rssi": _EXTRAS["rssi"],
    "fw_version": _EXTRAS["fw_version"],
    "free_heap": lambda values: _whole(values, "free_heap", 0, 2**40),
    "uptime_s": lambda values: _whole(values, "uptime_s", 0, 2**40),
    "reset_reason": lambda values: _text(values, "reset_reason"),
    "spool_depth": lambda values: _whole(values, "spool_depth", 0, 2**40),
    "temperature_c": lambda values: _number(values, "temp_c", -100, 200),
}


def _present(values: Values, readers: Mapping[str, Reader]) -> dict[str, object]:
    found = {name: read(values) for name, read in readers.items()}
    return {name: value for name, value in found.items() if value is not None}
