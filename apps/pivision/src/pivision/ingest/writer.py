"""The one thread that stores: it takes all that waits, syncs the pictures once, commits once, and then answers."""

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pivision.ingest.committing import Committer, Result
from pivision.ingest.frames import Frame, Heard
from pivision.ingest.refusals import Refusal

MOST_IN_GROUP = 128
GATHER_S = 0.0007  # for company, where the last group had some: a sync takes longer, and one for more is cheaper
IDLE_S = 0.5  # between two looks at what has to be done by the clock
BUSY_RETRY_S = 2.0

Errand = Callable[[sqlite3.Connection, datetime], object]  # a short transaction of its own
Task = Frame | Heard | Errand

_log = logging.getLogger(__name__)


@dataclass
class _Waiting:
    task: Task
    future: "asyncio.Future[Result] | None"


class Writer:
    """Started and asked from one event loop. What was handed over is stored, whether or not anybody still waits."""

    def __init__(self, committer: Committer, *, waiting: int) -> None:
        self._committer = committer
        self._most_waiting = waiting
        self._waiting = 0
        self._tasks: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat_s = time.monotonic()
        self._company = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def stop(self, within_s: float = 20.0) -> None:
        """Store what was handed over, then end."""
        self._tasks.put(None)
        self._thread.join(within_s)

    def silent_s(self) -> float:
        """For how long it has made no progress."""
        return time.monotonic() - self._beat_s

    async def store(self, task: Task) -> Result:
        """What became of it, once it is durable. Refusal: 409, or 503 when it could not be stored or too much waits."""
        if self._waiting >= self._most_waiting or self._loop is None or not self._thread.is_alive():
            raise Refusal(503, "busy", "Too many requests wait for the disk", retry_after_s=BUSY_RETRY_S)
        future: asyncio.Future[Result] = self._loop.create_future()
        self._waiting += 1
        self._tasks.put(_Waiting(task, future))
        return await future

    def tell(self, task: Task) -> None:
        """Hand it over; nobody waits for it, and when too much waits it is left out."""
        if self._waiting < self._most_waiting and self._loop is not None:
            self._waiting += 1
            self._tasks.put(_Waiting(task, None))

    def _run(self) -> None:
        try:
            going_on = True
            while going_on:
                group, going_on = self._group()
                self._beat_s = time.monotonic()
                self._company = len(group) > 1
                if group:
                    self._answer(group, self._committer.commit([each.task for each in group]))
                self._committer.duties()
        finally:
            with suppress(Exception):
                self._committer.close()

    def _group(self) -> tuple[list[_Waiting], bool]:
        """All that waits, and whether to go on after it."""
        group: list[_Waiting] = []
        try:
            found = self._tasks.get(timeout=IDLE_S)
            if self._company:
                time.sleep(GATHER_S)
            while found is not None:
                group.append(found)
                if len(group) == MOST_IN_GROUP:
                    return group, True
                found = self._tasks.get_nowait()
        except queue.Empty:
            return group, True
        return group, False

    def _answer(self, group: list[_Waiting], results: list[Result | BaseException]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._resolve, group, results)

    def _resolve(self, group: list[_Waiting], results: list[Result | BaseException]) -> None:
        self._waiting -= len(group)
        for each, result in zip(group, results, strict=True):
            if each.future is None or each.future.done():
                continue
            if isinstance(result, BaseException):
                each.future.set_exception(result)
            else:
                each.future.set_result(result)
