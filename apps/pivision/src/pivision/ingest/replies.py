"""What devices are answered: JSON, with the command that every answer carries. Pure."""

import json
from dataclasses import asdict
from datetime import datetime

from pivision.config import Config
from pivision.ingest.refusals import Refusal
from pivision.moments import moment_of, utc_text
from station_serve.wrapping import Send

Header = tuple[bytes, bytes]
_JSON: Header = (b"content-type", b"application/json")


def command(config: Config, version: int, burst_until: str | None, now: datetime) -> dict[str, object]:
    """What the camera is to do from now on. All the times a camera without a clock needs are relative, too."""
    cadence = config.cadence
    left_ms = max(0, round((moment_of(burst_until) - now).total_seconds() * 1000)) if burst_until else 0
    if left_ms > cadence.burst_duration_ms:
        left_ms = 0  # ordered by a clock that was set back since: it would last for years
    until = burst_until if left_ms else None
    interval_ms = round(1000 / cadence.burst_fps) if until else cadence.capture_interval_ms
    return {
        "config_version": version,
        "server_time": utc_text(now),
        "burst_until": until,
        "interval_ms": interval_ms,
        "command": {
            "mode": "burst" if until else "baseline",
            "interval_ms": interval_ms,
            "burst_until": until,
            "burst_ms": left_ms,
        },
    }


def configuration(name: str, config: Config, order: dict[str, object]) -> dict[str, object]:
    """The whole of what a camera fetches; `order` is its `command`."""
    cadence = config.cadence
    return {
        "ok": True,
        "device_id": name,
        "version": order["config_version"],
        "mode": "burst" if order["burst_until"] else "baseline",
        **order,
        "upload_url": "/api/v1/ingest/frame",
        "config": {
            **asdict(cadence),
            "resolution": f"{cadence.width}x{cadence.height}",
            "interaction_threshold": config.tuning.interaction_threshold,
            "interaction_min_frames": config.tuning.interaction_min_frames,
            "interaction_end_timeout_s": config.tuning.interaction_end_timeout_s,
        },
    }


def etag(order: dict[str, object]) -> str:
    """Another one whenever the camera is to do something else."""
    return f'"{order["config_version"]}-{order["burst_until"] or "baseline"}"'


async def answer(send: Send, status: int, body: dict[str, object], *headers: Header) -> None:
    """Send it as JSON."""
    text = json.dumps(body, separators=(",", ":")).encode()
    await send_bytes(send, status, text, _JSON, *headers)


async def send_bytes(send: Send, status: int, body: bytes, *headers: Header) -> None:
    """Send it as it is; nothing that a device is told may be stored on the way."""
    length = (b"content-length", b"%d" % len(body))
    start = [length, (b"cache-control", b"no-store"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, why: Refusal) -> None:
    """Send the refusal."""
    headers: list[Header] = []
    if why.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(why.retry_after_s + 0.5))))
    if why.closing:
        headers.append((b"connection", b"close"))
    body: dict[str, object] = {"ok": False, "error": why.error, "code": why.code}
    if why.clock is not None:
        body |= {"server_time": why.clock.server_time, "proof": why.clock.proof}
    await answer(send, why.status, body, *headers)
