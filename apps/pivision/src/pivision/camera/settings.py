"""What the client is told: one TOML file, and a key that lies beside its state. Complete, or it does not start."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pivision.errors import PiVisionError
from station_kit.environment import Secret


class BadCamera(PiVisionError):
    """The client's file cannot be used; the message names the key."""

    exit_code = 2


@dataclass(frozen=True)
class CameraSettings:
    """`state`: a folder of the client's own. `look_fps` 0: it looks at no picture itself, and sends by the clock."""

    server: str
    device: str
    source: str
    state: Path
    look_fps: float = 3.0
    spool_mb: float = 200.0
    spool_hours: float = 24.0
    sign: bool = False  # requests are signed instead of carrying the key

    @property
    def key_file(self) -> Path:
        return self.state / "key"


def read(path: Path, environ: Mapping[str, str]) -> CameraSettings:
    """The file's settings. BadCamera. systemd's STATE_DIRECTORY is the state's folder unless the file names one."""
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        hint = "Write it: server, device and source are needed (docs/camera.md)"
        raise BadCamera(f"Camera not started: {path} cannot be read: {why.strerror}", hint) from why
    except tomllib.TOMLDecodeError as why:
        raise BadCamera(f"Camera not started: {path}: {why}") from why
    known = {each.name for each in fields(CameraSettings)}
    unknown = sorted(found.keys() - known)
    if unknown:
        raise BadCamera(
            f"Camera not started: {path}: there is no {unknown[0]}", f"There are {', '.join(sorted(known))}"
        )
    missing = [name for name in ("server", "device", "source") if not isinstance(found.get(name), str)]
    if missing:
        raise BadCamera(f"Camera not started: {path} does not say {' and '.join(missing)}")
    state = found.get("state") or environ.get("STATE_DIRECTORY") or ""
    if not state:
        raise BadCamera(f"Camera not started: {path} does not say state, and STATE_DIRECTORY is not set")
    if urlsplit(found["server"]).scheme not in ("http", "https") or not urlsplit(found["server"]).hostname:
        raise BadCamera(f"Camera not started: {path}: server is no address like http://pi-vision:8080")
    return CameraSettings(**{**found, "state": Path(state)})


def key_of(settings: CameraSettings) -> Secret:
    """The key that the server gave it. BadCamera when it was never enrolled."""
    try:
        return Secret(settings.key_file.read_text(encoding="utf-8").strip())
    except OSError as why:
        hint = "Make a code (`pivision devices code NAME`, or on the page), then: pivision-camera enroll CODE"
        raise BadCamera(f"Camera not started: it has no key: {settings.key_file}: {why.strerror}", hint) from why


def keep_key(settings: CameraSettings, key: Secret) -> None:
    """Store the key, readable by this user only, whole or not at all."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = settings.key_file.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.reveal() + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(settings.key_file)
