"""One camera as the worker sees it: its detector, the configuration in force, a state that outlives the process."""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pivision.datafolder import DataFolder
from pivision.devices import configs
from pivision.moments import moment_of, utc_text
from pivision.pictures import frames
from pivision.pictures.filing import remove, write_durably
from pivision.pictures.frames import Frame
from pivision.vision.decode import UnreadablePicture, grey
from pivision.vision.detector import Detector, Saved
from pivision.vision.findings import Step
from pivision.worker.statements import SQL

SAVE_EVERY_S = 30.0
MOST_STEPPED_AGAIN = 2_000  # frames after the last save: 16 minutes of a burst
_LEAST_STEP_S = 0.001


@dataclass
class Watch:
    """The detector of one camera, and what of it is on the disk already."""

    device_id: int
    name: str
    detector: Detector
    config: configs.Version
    last_s: float = 0.0
    capture_id: int = 0
    saved_id: int = 0
    saved_at: datetime | None = None
    saved_phase: str = ""
    keep: frozenset[int] = field(default_factory=frozenset)
    burst_until: datetime | None = None
    burst_stored: datetime | None = None

    def look(self, frame: Frame) -> Step:
        """What this picture shows. UnreadablePicture."""
        at_s = max(frame.received_at.timestamp(), self.last_s + _LEAST_STEP_S)  # the clock may have been set back
        step = self.detector.step(grey(frame.jpeg, frame.width, frame.height), frame.capture_id, at_s)
        self.last_s, self.capture_id, self.keep = at_s, frame.capture_id, step.keep
        return step

    def follow(self, db: sqlite3.Connection) -> None:
        """Go on with the configuration that is in force now."""
        newest = configs.in_force(db, self.device_id)
        if newest.version != self.config.version:
            self.detector.retune(newest.config.tuning, newest.config.regions)
            self.config = newest

    def is_save_due(self, phase: str, now: datetime) -> bool:
        """At every change of the phase, and every half minute of pictures."""
        if self.saved_at is None or phase != self.saved_phase:
            return True
        return abs((now - self.saved_at).total_seconds()) >= SAVE_EVERY_S and self.capture_id != self.saved_id


def open_watch(db: sqlite3.Connection, folder: DataFolder, device_id: int, before: int) -> Watch:
    """The camera's detector as it was before the picture `before`: as saved, and the pictures since stepped again."""
    device = db.execute("SELECT name, burst_until FROM device WHERE id = ?", (device_id,)).fetchone()
    name, burst_until = device["name"], device["burst_until"]
    config = configs.in_force(db, device_id)
    row = db.execute(SQL["saved_state"], {"device_id": device_id}).fetchone()
    saved, body = _load(row, folder)
    watch = Watch(device_id, name, Detector(config.config.tuning, config.config.regions, saved), config)
    watch.burst_until = watch.burst_stored = moment_of(burst_until) if burst_until else None
    if saved is None:
        return watch
    watch.last_s, watch.capture_id, watch.saved_id = body["last_s"], row["capture_id"], row["capture_id"]
    watch.saved_phase, watch.keep = row["phase"], frozenset(json.loads(row["keep"]))
    for frame in frames.after(db, folder, device_id, row["capture_id"], MOST_STEPPED_AGAIN):
        if frame.capture_id >= before:
            break
        try:
            watch.look(frame)
        except UnreadablePicture:
            continue
    return watch


def arrays_file(watch: Watch) -> str:
    """The name of the arrays' file of the state after this picture."""
    return f"state/{watch.name}-{watch.capture_id}.npz"


def write_arrays(watch: Watch, folder: DataFolder) -> Saved:
    """The state, its arrays on the disk: before the row that names them."""
    saved = watch.detector.save()
    content = BytesIO()
    np.savez(content, **saved.arrays)  # type: ignore[arg-type]  # its stubs take allow_pickle for one of the arrays
    write_durably(folder.root / arrays_file(watch), content.getvalue())
    return saved


def store_state(db: sqlite3.Connection, watch: Watch, saved: Saved, now: datetime) -> None:
    """The row that names the arrays; in the caller's transaction."""
    db.execute(
        SQL["store_state"],
        {
            "device_id": watch.device_id,
            "capture_id": watch.capture_id,
            "phase": saved.phase,
            "body": json.dumps({"last_s": watch.last_s, "detector": saved.body}),
            "arrays": arrays_file(watch),
            "keep": json.dumps(sorted(watch.keep)),
            "saved_at": utc_text(now),
        },
    )


def saved_now(watch: Watch, saved: Saved, now: datetime, folder: DataFolder) -> None:
    """After the commit: remember it, and let the files of earlier states go."""
    watch.saved_at, watch.saved_phase, watch.saved_id = now, saved.phase, watch.capture_id
    kept = Path(arrays_file(watch)).name
    for file in folder.state.glob(f"{watch.name}-*.npz"):
        if file.name != kept and file.name.removeprefix(f"{watch.name}-").removesuffix(".npz").isdigit():
            remove(file, folder.state)


def _load(row: sqlite3.Row | None, folder: DataFolder) -> tuple[Saved | None, dict[str, Any]]:
    """The state as it was put away; none when its file is lost: the detector learns the scene anew."""
    if row is None:
        return None, {}
    body = json.loads(row["body"])
    arrays: dict[str, npt.NDArray[Any]] = {}
    if row["arrays"]:
        try:
            with np.load(folder.file(row["arrays"]), allow_pickle=False) as found:
                arrays = {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError):
            return None, {}
    return Saved(row["phase"], body["detector"], arrays), body
