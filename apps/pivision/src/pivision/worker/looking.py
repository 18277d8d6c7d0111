"""A run of pictures of one camera: looked at in their order, and everything that came of it written at once."""

import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pivision import queue
from pivision.datafolder import DataFolder
from pivision.moments import utc_text
from pivision.pictures import frames
from pivision.pictures.frames import Frame, PictureGone
from pivision.presence.asking import Presence
from pivision.queue import Claimed
from pivision.vision.decode import UnreadablePicture
from pivision.vision.findings import Finding, Moment, Phase, Step
from pivision.worker import noting, watch
from pivision.worker.noting import Noted
from pivision.worker.statements import SQL
from pivision.worker.watch import Watch
from station_kit.sqlitefile import transaction

_log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Somebody else works on these pictures by now: nothing of ours is written."""


@dataclass(frozen=True)
class Looked:
    """One picture of the run. `trouble`: why nothing could be seen in it."""

    job: Claimed
    step: Step | None
    noted: tuple[Noted, ...] = ()
    trouble: str = ""


class Looking:
    """The cameras of this worker, each with its detector in memory."""

    def __init__(
        self, db: sqlite3.Connection, folder: DataFolder, owner: str, now: Callable[[], datetime], presence: Presence
    ) -> None:
        self._db, self._folder, self._owner, self._now, self._presence = db, folder, owner, now, presence
        self._watches: dict[int, Watch] = {}
        self._durable = True  # as the connection was opened

    @property
    def watches(self) -> tuple[Watch, ...]:
        return tuple(self._watches.values())

    def run(self, jobs: list[Claimed]) -> int:
        """How many of the jobs, all of one camera, are over. What fails is tried again later by the queue's rules."""
        camera = self._watch(jobs[0])
        looked: list[Looked] = []
        try:
            for job in jobs:
                looked.append(self._look(camera, job))
        except Exception as why:  # noqa: BLE001 - one picture that breaks the detector must not end the worker
            _log.exception("picture not looked at capture=%d", jobs[len(looked)].capture_id)
            self._finish(camera, looked)
            self._watches.pop(camera.device_id, None)  # whatever it is in now: begin again from what was saved
            queue.failed(self._db, jobs[len(looked)].job_id, f"{type(why).__name__}: {why}", self._now())
            queue.release(self._db, [job.job_id for job in jobs[len(looked) + 1 :]], self._owner)
            return len(looked)
        self._finish(camera, looked)
        return len(looked)

    def forget(self, device_id: int) -> None:
        """Begin again from what was saved, at its next picture."""
        self._watches.pop(device_id, None)

    def put_away(self) -> None:
        """Save every camera's state: at the end of the process, and when nothing goes on."""
        for camera in self._watches.values():
            if camera.capture_id != camera.saved_id and camera.capture_id:
                saved = watch.write_arrays(camera, self._folder)
                self._outlive_power_cuts(wanted=True)  # before the file that the row named until now goes
                with transaction(self._db):
                    watch.store_state(self._db, camera, saved, self._now())
                watch.saved_now(camera, saved, self._now(), self._folder)

    def _watch(self, job: Claimed) -> Watch:
        camera = self._watches.get(job.device_id)
        if camera is None:
            camera = watch.open_watch(self._db, self._folder, job.device_id, job.capture_id)
            self._watches[job.device_id] = camera
        camera.follow(self._db)
        return camera

    def _look(self, camera: Watch, job: Claimed) -> Looked:
        try:
            frame = frames.read(self._db, self._folder, job.capture_id)
            step = camera.look(frame)
        except (PictureGone, UnreadablePicture) as why:  # it will not get better
            return Looked(job, None, trouble=str(why))
        self._ask_for_burst(camera, frame, step)
        if step.phase is not Phase.IDLE:
            regions = camera.config.config.regions
            self._presence.offer(camera.device_id, frame.received_at.timestamp(), frame.jpeg, regions)
        findings = [self._with_persons(camera, each) for each in step.findings]
        noted = tuple(noting.keep_pictures(self._db, self._folder, camera, each) for each in findings)
        return Looked(job, step, noted)

    def _with_persons(self, camera: Watch, finding: Finding) -> Finding:
        """What the operator's model saw meanwhile goes into the details; without one nothing does."""
        if finding.moment is not Moment.ENDED:
            return finding
        seen = self._presence.evidence(camera.device_id, finding.started_s, finding.at_s)
        return finding if seen is None else replace(finding, details={**finding.details, "presence": seen})

    def _finish(self, camera: Watch, looked: list[Looked]) -> None:
        """Everything that came of the pictures, in one transaction; events' outlive a power cut."""
        if not looked:
            return
        now = self._now()
        phase = next((each.step.phase for each in reversed(looked) if each.step), camera.saved_phase)
        saved = watch.write_arrays(camera, self._folder) if camera.is_save_due(phase, now) else None
        has_events = any(each.noted for each in looked)
        self._outlive_power_cuts(wanted=has_events or saved is not None)
        try:
            with transaction(self._db):
                for each in looked:
                    self._store(camera, each, now)
                if camera.burst_until != camera.burst_stored:
                    self._store_burst(camera)
                if saved is not None:
                    watch.store_state(self._db, camera, saved, now)
        except BaseException:
            self._watches.pop(camera.device_id, None)  # its state is ahead of what is written
            raise
        self._outlive_power_cuts(wanted=False)
        if saved is not None:
            watch.saved_now(camera, saved, now, self._folder)

    def _outlive_power_cuts(self, *, wanted: bool) -> None:
        """Whether the next commits have to: what is looked at again instead need not."""
        if wanted != self._durable:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")
            self._durable = wanted

    def _store_burst(self, camera: Watch) -> None:
        until = utc_text(camera.burst_until) if camera.burst_until else None
        self._db.execute("UPDATE device SET burst_until = ? WHERE id = ?", (until, camera.device_id))
        camera.burst_stored = camera.burst_until

    def _store(self, camera: Watch, looked: Looked, now: datetime) -> None:
        if not queue.done(self._db, looked.job.job_id, self._owner):
            raise LeaseLost(f"capture {looked.job.capture_id}")
        step = looked.step
        if step is None:
            scores: dict[str, float | str] = {"trouble": looked.trouble}
            status = "failed"
        else:
            scores = {name: round(value, 4) for name, value in step.scores.items()}
            scores["phase"] = str(step.phase)
            status = "processed"
        self._db.execute(
            SQL["capture_seen"],
            {
                "capture_id": looked.job.capture_id,
                "status": status,
                "at": utc_text(now),
                "scores": json.dumps(scores, separators=(",", ":")),
            },
        )
        for each in looked.noted:
            noting.store(self._db, camera, each, now)

    def _ask_for_burst(self, camera: Watch, frame: Frame, step: Step) -> None:
        """Frames are wanted quickly from now on; a visit that goes on is never cut, the next one waits a while."""
        if not step.burst:
            return
        cadence, at = camera.config.config.cadence, frame.received_at
        ended = camera.burst_until
        goes_on = step.phase in (Phase.ACTIVE, Phase.SETTLING) or (ended is not None and at <= ended)
        if not goes_on and ended is not None and at < ended + timedelta(milliseconds=cadence.burst_cooldown_ms):
            return
        camera.burst_until = at + timedelta(milliseconds=cadence.burst_duration_ms)
