"""The jobs that a primary does at set times: the portable copy and the drill. Each runs as a unit of its own, once.

A night that was missed, because the machine was off or another host was primary, is made up once: the job is due until
it was done after its moment, and what was done is looked up in the store by the job itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from station.clock import from_text, to_text
from station.cluster.files import read_json, write_json
from station.cluster.following import Workplace
from station.cluster.notices import Kind, Notice, Outcome, RunLog, notify
from station.cluster.schedule import last_due, next_due, start_of
from station.cluster.units import Job
from station.errors import Busy
from station.fleet import App, Daily
from station.points.drill import drill_file

CALM_S = 20.0  # a host that has just become primary has better things to do
SHORTEST_PAUSE_S = 300.0
LONGEST_PAUSE_S = 3600.0
BUSY_TRIES = 3  # so often a run gives way to one that somebody started by hand, before that is called a failure

NAMES: dict[Job, str] = {"copy": "the portable copy", "drill": "the drill"}


@dataclass
class _Run:
    """What a job did for the moment it was due at. `error` is why it failed, None when it did not.

    `noticed`: somebody was told that it failed, and not yet that it works again.
    """

    due: datetime
    at: datetime
    tries: int
    error: str | None
    noticed: bool = False


@dataclass(frozen=True)
class _Started:
    due: datetime
    at_s: float


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
        self._host = workplace.host
        self._schedule = {job: daily for job, daily in wanted.items() if daily is not None}
        self._units = workplace.units
        self._events = workplace.events
        self._now = workplace.now
        self._state = workplace.host.paths.state(app.name)
        self._calm_s = calm_s
        self._monotonic = monotonic
        self._serving_since_s: float | None = None
        self._running: dict[Job, _Started] = {}
        self._retry_at_s: dict[Job, float] = {}
        self._runs = _read_runs(self._state)
        zone = next((daily.zone for daily in self._schedule.values()), None)
        self._log = RunLog(app.log, zone, lambda text: self._events.tell(self._app, "trouble", text))

    def look(self, *, serving: bool) -> None:
        """Start what is due, notice what has ended. `serving`: this host is primary."""
        if not serving:
            self._serving_since_s = None
            self._stopped()
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
        self._running[job] = _Started(due, self._monotonic())
        self._units.start_job(self._app, job, to_text(due))

    def _stopped(self) -> None:
        """The units were stopped with the role."""
        for job, started in self._running.items():
            run = self._outcome(job, started, "stopped", {"text": f"{self._host.name} is not primary any more"})
            self._log.outcome(self._now(), run)
        self._running.clear()

    def _collect(self, job: Job) -> None:
        code = self._units.job_code(self._app, job)
        if code is None:
            return
        started, before = self._running.pop(job), self._runs.get(job)
        said = read_json(report_file(self._state, job)) or {}
        if code and not said.get("text"):
            said["text"] = f"it ended with {code}; see its log, var/log/{self._app}-{job}.log"
        if not said.get("text"):
            said["text"] = f"{NAMES[job]} is done"
        run = self._outcome(job, started, "failed" if code else "done", said)
        if code == Busy.exit_code and run.tries < BUSY_TRIES:
            run = replace(run, outcome="busy")
        self._runs[job] = _Run(
            run.due, self._now(), run.tries, run.text if code else None, before is not None and before.noticed
        )
        self._retry_at_s[job] = self._monotonic() + min(SHORTEST_PAUSE_S * 2 ** (run.tries - 1), LONGEST_PAUSE_S)
        self._log.outcome(self._now(), run)
        if not code:
            self._events.tell(self._app, job, run.text)
        self._notice(job, run, str(said.get("to_do") or ""), before)
        _write_runs(self._state, self._runs)

    def _notice(self, job: Job, run: Outcome, to_do: str, before: _Run | None) -> None:
        """Tell of the first failure for each moment that the job was due at, and of the first success after one."""
        mine = self._runs[job]
        news = before is None or before.due != run.due or not before.noticed
        if run.outcome == "failed" and news:
            kind, reason = Kind.FAILED, run.text
            to_do = to_do or f"its log: {self._host.paths.log(f'{self._app}-{job}')}"
        elif run.outcome == "done" and mine.noticed:
            kind, reason, to_do = Kind.RECOVERED, "", ""
        else:
            return
        mine.noticed = kind is Kind.FAILED
        notice = Notice(kind, self._app, NAMES[job], self._host.name, mine.at, run.due, run.tries, reason, to_do)
        notify(notice, self._events, self._log)

    def _outcome(self, job: Job, started: _Started, outcome: str, said: dict[str, Any]) -> Outcome:
        before = self._runs.get(job)
        tries = before.tries + 1 if before is not None and before.due == started.due else 1
        size = said.get("bytes")
        return Outcome(
            app=self._app,
            job=job,
            host=self._host.name,
            due=started.due,
            tries=tries,
            outcome=outcome,
            took_s=self._monotonic() - started.at_s,
            bytes=size if isinstance(size, int) else None,
            text=str(said.get("text") or ""),
        )

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


def report(state: Path, job: Job, text: str, *, to_do: str = "", stored_bytes: int | None = None) -> None:
    """What the run did, or why it could not and what to do about it; how many bytes it stored or restored."""
    write_json(report_file(state, job), {"text": text, "to_do": to_do, "bytes": stored_bytes}, durable=False)


def _runs_file(state: Path) -> Path:
    return state / "jobs.json"


def _read_runs(state: Path) -> dict[Job, _Run]:
    said = read_json(_runs_file(state)) or {}
    runs: dict[Job, _Run] = {}
    for job in NAMES:
        try:
            its = said[job]
            runs[job] = _Run(
                from_text(its["due"]), from_text(its["at"]), int(its["tries"]), its["error"], bool(its.get("noticed"))
            )
        except (KeyError, TypeError, ValueError):
            continue
    return runs


def _write_runs(state: Path, runs: dict[Job, _Run]) -> None:
    said = {
        job: {
            "due": to_text(run.due),
            "at": to_text(run.at),
            "tries": run.tries,
            "error": run.error,
            "noticed": run.noticed,
        }
        for job, run in runs.items()
    }
    write_json(_runs_file(state), said, durable=True)
