"""Imports that run behind the page: started by a person, watched by whoever wants to, and ended though nobody looks."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from bookedbiz.importing.request import Progress
from bookedbiz.notices.outbox import Sent
from station_kit.errors import KitError

_log = logging.getLogger(__name__)
_KEPT: Final = 20


@dataclass(frozen=True)
class Outcome:
    """What came of an import that ended well: its batch, in words, and whether its notice went out."""

    batch_id: int | None
    words: str
    notice: Sent


@dataclass(frozen=True)
class Run:
    """One import as it stands: `step` says what it does and `count` how far, until `outcome` or `error` is there."""

    id: str
    file: str
    by: str
    began_at: datetime
    step: str = "waiting"
    count: int = 0
    outcome: Outcome | None = None
    error: str = ""
    hint: str = ""

    @property
    def has_ended(self) -> bool:
        return self.outcome is not None or bool(self.error)


@dataclass
class Runs:
    """The imports of this process, the last ones that ended too."""

    _runs: dict[str, Run] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def start(self, file: str, by: str, now: datetime, work: Callable[[Progress], Outcome]) -> str:
        """Begin `work` in a thread of its own; the id to ask for it with. The process waits for it when it ends."""
        run = Run(uuid4().hex, file, by, now)
        thread = threading.Thread(target=self._work, args=(run.id, work), name=f"import {file}")
        with self._guard:
            for old in list(self._runs)[:-_KEPT]:
                if self._runs[old].has_ended:
                    del self._runs[old], self._threads[old]
            self._runs[run.id], self._threads[run.id] = run, thread
        thread.start()
        return run.id

    def find(self, run_id: str, *, wait_s: float = 0.0) -> Run | None:
        """How it stands; what ends within `wait_s` has ended. None when nobody here knows it."""
        with self._guard:
            thread = self._threads.get(run_id)
        if thread is not None and wait_s:
            thread.join(wait_s)
        with self._guard:
            return self._runs.get(run_id)

    def under_way(self) -> list[Run]:
        """Those that have not ended."""
        with self._guard:
            return [run for run in self._runs.values() if not run.has_ended]

    def _work(self, run_id: str, work: Callable[[Progress], Outcome]) -> None:
        def progress(step: str, count: int) -> None:
            self._change(run_id, step=step, count=count)

        try:
            self._change(run_id, outcome=work(progress))
        except KitError as why:
            self._change(run_id, error=why.message, hint=why.hint)
        except Exception as why:  # noqa: BLE001 - the outermost frame of its thread: nobody else would hear of it
            _log.exception("import failed")
            self._change(
                run_id, error=f"Not imported: {type(why).__name__}", hint="It is in the log of the web process"
            )

    def _change(self, run_id: str, **changes: object) -> None:
        with self._guard:
            self._runs[run_id] = replace(self._runs[run_id], **changes)  # type: ignore[arg-type]  # fields of Run
