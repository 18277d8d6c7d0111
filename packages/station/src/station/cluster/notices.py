"""What a scheduled run has to say to a person: notices of failure and recovery, and the app's log file.

`notify` is the one place where a notice is sent; channels that reach a phone are hung in there.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from station.clock import to_text
from station.cluster.heartbeat import Events


class Kind(StrEnum):
    """What a notice is about."""

    FAILED = "failed"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Notice:
    """A scheduled run that failed, or the first that worked again. `due` is the moment it was for; `reason` and `to_do`
    are sentences, empty when there is nothing to say."""

    kind: Kind
    app: str
    job: str
    host: str
    at: datetime
    due: datetime
    tries: int
    reason: str = ""
    to_do: str = ""

    @property
    def line(self) -> str:
        """The notice in one line, for logs."""
        facts = f"app={self.app} job={_quoted(self.job)} host={self.host} due={to_text(self.due)} tries={self.tries}"
        said = f" reason={_quoted(self.reason)}" if self.reason else ""
        advice = f" to_do={_quoted(self.to_do)}" if self.to_do else ""
        return f"job {self.kind} {facts}{said}{advice}"


@dataclass(frozen=True)
class Outcome:
    """One try of a scheduled run: `outcome` is done, failed, busy or stopped. None: the run did not tell."""

    app: str
    job: str
    host: str
    due: datetime
    tries: int
    outcome: str
    took_s: float
    bytes: int | None = None
    text: str = ""


class RunLog:
    """The file that `log` of the manifest names. It is opened for every line, so that logrotate may move it away."""

    def __init__(self, file: Path | None, zone: str | None, trouble: Callable[[str], None]) -> None:
        self._file = file
        self._zone = ZoneInfo(zone) if zone else None
        self._trouble = trouble
        self._told = False

    def outcome(self, at: datetime, run: Outcome) -> None:
        """One line for one try."""
        size = "-" if run.bytes is None else str(run.bytes)
        self._append(
            at,
            f"{run.outcome} app={run.app} job={run.job} host={run.host} due={to_text(run.due)} tries={run.tries} "
            f"took_s={run.took_s:.1f} bytes={size} text={_quoted(run.text)}",
        )

    def notice(self, notice: Notice) -> None:
        self._append(notice.at, f"notice {notice.line}")

    def _append(self, at: datetime, text: str) -> None:
        """The line with its time, in UTC and local. A file that cannot be written is told once, until it can be."""
        if self._file is None:
            return
        line = f"{to_text(at)} {at.astimezone(self._zone).isoformat(timespec='seconds')} {text}\n".encode()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, 0o640)
            try:
                os.write(handle, line)  # one call, so that the lines of several hosts do not mix
            finally:
                os.close(handle)
        except OSError as why:
            if not self._told:
                self._trouble(f"the log {self._file} cannot be written: {why.strerror}")
            self._told = True
            return
        self._told = False


def notify(notice: Notice, events: Events, log: RunLog) -> None:
    """Send the notice: an event of the host, a line to stderr, which is the journal, and one to the app's log file."""
    if notice.kind is Kind.FAILED:
        text = f"{notice.job} failed: {notice.reason}" + (f" ({notice.to_do})" if notice.to_do else "")
        events.tell(notice.app, "trouble", text)
    else:
        events.tell(notice.app, "recovered", f"{notice.job} works again")
    with suppress(OSError):  # it may lie on the disk that is full
        sys.stderr.write(f"{notice.line}\n")
        sys.stderr.flush()
    log.notice(notice)


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace('"', "'") + '"'
