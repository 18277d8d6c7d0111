"""The sample camera is known to the appliance: a device with its regions, and a key that lies beside the pictures."""

import sqlite3
from dataclasses import replace

from pivision.camera.settings import CameraSettings, keep_key
from pivision.config import Cadence
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from pivision.errors import NoSuchDevice

NAME, TITLE = "sample-stand", "Sample stand"
_CADENCE = Cadence(capture_interval_ms=500)  # quicker than a real one in between visits: there is more to see


def enrol(db: sqlite3.Connection, settings: CameraSettings, by: By) -> bool:
    """Make what is missing of it; whether anything was. What somebody changed since stays as it is."""
    from pivision.sample.stand import regions  # noqa: PLC0415 -- drawing wants OpenCV, and is slow to import

    made = False
    try:
        found = registry.device(db, NAME)
    except NoSuchDevice:
        found, made = registry.add(db, NAME, TITLE, by), True
    if configs.in_force(db, found.id).version == 0:
        drawn = replace(configs.in_force(db, found.id).config, cadence=_CADENCE, regions=regions())
        configs.put(db, found.id, drawn, by, expected=0, why="drawn by the sample")
    if not settings.key_file.exists() or access.authenticate(db, _key(settings), by.now) is None:
        keep_key(settings, access.rotate(db, NAME, by, overlap_s=0))
        made = True
    return made


def _key(settings: CameraSettings) -> str:
    return settings.key_file.read_text(encoding="utf-8").strip()
