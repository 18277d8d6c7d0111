"""The jobs that a primary does at set times: the portable copy and the drill. Each runs as a unit of its own, once.

A night that was missed, because the machine was off or another host was primary, is made up once: the job is due until
it was done after its moment, and what was done is looked up in the store by the job itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from station.clock import from_text, to_text
from station.cluster.files import read_json, write_json
from station.cluster.following import Workplace
from station.cluster.schedule import last_due, next_due, start_of
from station.cluster.units import Job
from station.fleet import App, Daily
from station.points.drill import drill_file

CALM_S = 20.0  # a host that has just become primary has better things to do
SHORTEST_PAUSE_S = 300.0
LONGEST_PAUSE_S = 3600.0

NAMES: dict[Job, str] = {"copy": "the portable copy", "drill": "the drill"}


@dataclass
class _Run:
    """What a job did for the moment it was due at. `error` is why it failed, None when it did not."""

    due: datetime
    at: datetime
    tries: int
    error: str | None


class Jobs:
    """The jobs of one app on one host. Everything runs in the agent's main thread."""

    def __init__(
        self,
        app: App,
        workplace: Workplace,
        *,
        calm_s: float = CALM_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        wanted: dict[Job, Daily | None] = {"copy": app.copy, "drill": app.drill}
        self._app = app.name
        self._schedule = {job: daily for job, daily in wanted.items() if daily is not None}
        self._units = workplace.units
        self._events = workplace.events
        self._now = workplace.now
        self._state = workplace.host.paths.state(app.name)
        self._calm_s = calm_s
        self._monotonic = monotonic
        self._serving_since_s: float | None = None
        self._running: dict[Job, datetime] = {}
        self._retry_at_s: dict[Job, float] = {}
        self._runs = _read_runs(self._state)

    def look(self, *, serving: bool) -> None:
        """Start what is due, notice what has ended. `serving`: this host is primary."""
        if not serving:
            self._serving_since_s = None
            self._running.clear()  # the units were stopped with the role
            return
        if self._serving_since_s is None:
            self._serving_since_s = self._monotonic()
        for job, daily in self._schedule.items():
            if job in self._running:
                self._collect(job)
            elif self._monotonic() - self._serving_since_s >= self._calm_s:
                self._start_if_due(job, daily)

    def status(self) -> dict[str, Any]:
        """This app's jobs and drills, for status.json."""
        return {
            "jobs": {job: self._job_status(job, daily) for job, daily in self._schedule.items()},
            "drills": read_json(drill_file(self._state)) or {},
        }

    def _start_if_due(self, job: Job, daily: Daily) -> None:
        now = self._now()
        due, last = last_due(daily, now), self._runs.get(job)
        if last is not None and last.due >= due:
            if last.error is None or self._monotonic() < self._retry_at_s.get(job, 0.0):
                return
        elif now < start_of(daily, due, f"{self._app} {job}"):
            return
        report_file(self._state, job).unlink(missing_ok=True)
        self._running[job] = due
        self._units.start_job(self._app, job, to_text(due))

    def _collect(self, job: Job) -> None:
        code = self._units.job_code(self._app, job)
        if code is None:
            return
        due, before = self._running.pop(job), self._runs.get(job)
        said = read_json(report_file(self._state, job)) or {}
        error = None
        if code:
            error = said.get("text") or f"it ended with {code}; see its log, var/log/{self._app}-{job}.log"
        tries = before.tries + 1 if before is not None and before.due == due else 1
        self._runs[job] = _Run(due, self._now(), tries, error)
        self._retry_at_s[job] = self._monotonic() + min(SHORTEST_PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S)
        _write_runs(self._state, self._runs)
        if error is None:
            self._events.tell(self._app, job, said.get("text") or f"{NAMES[job]} is done")
        elif before is None or before.due != due or before.error != error:
            self._events.tell(self._app, "trouble", f"{NAMES[job]} failed: {error}")

    def _job_status(self, job: Job, daily: Daily) -> dict[str, Any]:
        last, now = self._runs.get(job), self._now()
        return {
            "running": job in self._running,
            "next_at": to_text(next_due(daily, now)),
            "due": to_text(last.due) if last else None,
            "at": to_text(last.at) if last else None,
            "error": last.error if last else None,
        }


def report_file(state: Path, job: Job) -> Path:
    """Where a job leaves the sentence that says what it did, or why it could not."""
    return state / f"job-{job}.json"


def report(state: Path, job: Job, text: str) -> None:
    write_json(report_file(state, job), {"text": text}, durable=False)


def _runs_file(state: Path) -> Path:
    return state / "jobs.json"


def _read_runs(state: Path) -> dict[Job, _Run]:
    said = read_json(_runs_file(state)) or {}
    runs: dict[Job, _Run] = {}
    for job in NAMES:
        try:
            its = said[job]
            runs[job] = _Run(from_text(its["due"]), from_text(its["at"]), int(its["tries"]), its["error"])
        except (KeyError, TypeError, ValueError):
            continue
    return runs


def _write_runs(state: Path, runs: dict[Job, _Run]) -> None:
    said = {
        job: {"due": to_text(run.due), "at": to_text(run.at), "tries": run.tries, "error": run.error}
        for job, run in runs.items()
    }
    write_json(_runs_file(state), said, durable=True)
