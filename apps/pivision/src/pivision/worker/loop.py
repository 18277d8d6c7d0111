"""The worker process: one per appliance, independent of the server; whatever ends it, the next one goes on."""

import fcntl
import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import IO

import psutil

from pivision import pulse, queue
from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.errors import PiVisionError
from pivision.pictures import retention
from pivision.presence.asking import Presence
from pivision.settings import Settings
from pivision.telling.delivering import keep_delivering
from pivision.worker.bell import Bell
from pivision.worker.looking import LeaseLost, Looking
from pivision.worker.rounds import Round, walk
from pivision.worker.silence import Watching, watch_silence
from station_kit import serving

MOST_AT_ONCE = 16  # pictures of one camera in one transaction
WAIT_S = 1.0  # when nobody rings
TELLING_ENDS_S = 15.0  # for a message that is on its way
DRAIN_S = 4.0  # after it was told to stop; systemd and the agent wait longer
TROUBLE_S = 2.0  # after a full disk or a locked database

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Takes pictures from the queue until `stop` is set."""

    def __init__(
        self,
        db: sqlite3.Connection,
        folder: DataFolder,
        stop: threading.Event,
        *,
        now: Callable[[], datetime] = utc_now,
        alive: Callable[[], object] = lambda: None,
        presence: Presence | None = None,
    ) -> None:
        self._db, self._folder, self._stop, self._now, self._alive = db, folder, stop, now, alive
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        presence = presence or Presence(None)
        self._looking = Looking(db, folder, self._owner, now, presence)
        self._began = time.monotonic()
        self._seen = 0
        self._looked_s = 0.0
        self._watching = Watching()
        self._rounds = [
            Round("worker", 5.0, self._tell_health),
            Round("silence", 5.0, self._listen),
            Round("leases", 30.0, lambda: queue.give_back_expired(self._db, self._now())),
            Round("thinning", 30.0, lambda: queue.thin(self._db, self._now())),
            Round("retention", 30.0, self._keep_house),
            Round("presence", 30.0, presence.check),
        ]

    def run(self) -> None:
        """Until it is told to stop; then what waits is looked at, for a moment, and every camera's state is saved."""
        given_back = queue.give_back_all(self._db, self._now())  # whoever held them is gone: there is one worker
        if given_back:
            _log.info("pictures taken up again jobs=%d", given_back)
        bell = Bell(self._folder.worker_bell)
        try:
            while not self._stop.is_set():
                self._alive()
                walk(self._db, self._rounds, self._running_s(), self._now)
                if not self.work_once():
                    bell.wait(WAIT_S)
            self._drain()
        finally:
            bell.close()
            self._looking.put_away()

    def work_once(self) -> int:
        """How many pictures of one camera were looked at: 0 when none waits, or they could not be written."""
        jobs = queue.claim_run(self._db, self._owner, self._now(), most=MOST_AT_ONCE)
        if not jobs:
            return 0
        began = time.process_time()
        try:
            self._looking.run(jobs)
        except (OSError, sqlite3.OperationalError, LeaseLost) as why:
            _log.warning("pictures not written jobs=%d why=%s", len(jobs), why)
            self._looking.forget(jobs[0].device_id)
            self._give_back(jobs)
            self._stop.wait(TROUBLE_S)
            return 0
        self._seen += len(jobs)
        self._looked_s += time.process_time() - began
        return len(jobs)

    def _drain(self) -> None:
        """Look at what came last: when the app goes to another machine, pictures do not."""
        ends_s = time.monotonic() + DRAIN_S
        while time.monotonic() < ends_s and self.work_once():
            self._alive()

    def _give_back(self, jobs: list[queue.Claimed]) -> None:
        """As they were; if that cannot be written either, their lease ends by itself."""
        try:
            queue.release(self._db, [job.job_id for job in jobs], self._owner)
        except sqlite3.OperationalError as why:
            _log.warning("pictures not given back why=%s", why)

    def _running_s(self) -> float:
        return time.monotonic() - self._began

    def _listen(self) -> None:
        now = self._now()
        watch_silence(self._db, now, self._watching.listened_s(now, self._running_s()))

    def _keep_house(self) -> None:
        keep = frozenset().union(*(each.keep for each in self._looking.watches))
        if retention.is_due(self._db, self._folder, self._now()):
            self._looking.put_away()  # what was looked at and saved needs its frames no more
            retention.run(self._db, self._folder, self._now(), keep=keep)
        else:
            retention.sweep_segments(self._db, self._folder, self._now(), keep=keep)

    def _tell_health(self) -> None:
        waiting = queue.waiting(self._db)
        details = {
            "pictures": self._seen,
            "cpu_ms_per_picture": round(self._looked_s / self._seen * 1000, 3) if self._seen else None,
            "waiting": waiting.jobs,
            "dead": waiting.dead,
            "lag_s": round(waiting.lag_s(self._now()), 1),
            "rss_mb": round(psutil.Process().memory_info().rss / 1e6),
            "running_s": round(self._running_s()),
        }
        pulse.beat(self._folder, "worker", details, self._now())


def work(settings: Settings, environ: Mapping[str, str], stop: threading.Event) -> None:
    """Be the worker until `stop` is set. PiVisionError when there is one already, or no data folder."""
    folder = settings.folder
    folder.make()
    with _only_one(folder):
        prepare(settings.database)
        with closing(open_durable(settings.database)) as db, closing(Presence(settings.presence_model)) as presence:
            worker = Worker(db, folder, stop, alive=lambda: serving.alive(environ), presence=presence)
            told = (settings.database, folder, stop, settings.mail_server)
            telling = threading.Thread(target=keep_delivering, args=told, name="telling")
            telling.start()
            serving.ready(environ)
            try:
                worker.run()
            finally:
                stop.set()
                serving.stopping(environ)
                telling.join(TELLING_ENDS_S)


def _only_one(folder: DataFolder) -> IO[bytes]:
    """Hold the place of the worker, until it is closed. PiVisionError when somebody has it."""
    file = (folder.worker_bell.parent / "worker.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as why:
        file.close()
        raise PiVisionError(
            "Worker not started: another one works on this data folder", "See: systemctl status pivision-worker"
        ) from why
    return file
