"""systemd's own program, asked as values: what units are, and what they shall do. Every call of it is here."""

import os
import pwd
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from station.errors import StationError

SYSTEMCTL = "/bin/systemctl"
ASK_S = 30.0
ACT_S = 150.0  # a unit may take its TimeoutStopSec= and its start time
_SPANS_S = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_PROPERTIES = (
    *("Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "NRestarts", "MainPID"),
    *("ExecMainStatus", "ConditionResult", "NeedDaemonReload", "ActiveEnterTimestamp", "InvocationID"),
    *("ConditionTimestamp", "Job"),
)


@dataclass(frozen=True)
class UnitState:
    """A unit as systemd tells it. `pid` None: no main process. `restarts` are those that systemd did by itself.

    `active`: active, inactive, activating, deactivating or failed; `sub` is the finer word (running, auto-restart…).
    `result`: success, or why it failed. `since`: when it became active, as systemd says it in UTC, "" if never.
    """

    name: str
    load: str
    active: str
    sub: str
    file_state: str
    result: str
    restarts: int
    pid: int | None
    exit_status: int
    needs_reload: bool
    since: str
    invocation: str
    skipped: bool = False  # at its last start, by a condition or a guard: it may not run here, and that is no failure
    tried: bool = False  # since the last boot somebody started it
    queued: bool = False  # systemd was told to start or stop it, and has not begun with it or not ended

    @property
    def is_there(self) -> bool:
        return self.load not in ("not-found", "masked")

    @property
    def is_running(self) -> bool:
        """Active for good: one that waits for its next try is not."""
        return self.active == "active"


def states(units: Sequence[str], *, user: str = "") -> dict[str, UnitState]:
    """How the units are, in one call; `user`: those of that user. StationError when systemd does not answer."""
    if not units:
        return {}
    told = _run(["show", f"--property={','.join(_PROPERTIES)}", "--", *units], user=user, within_s=ASK_S)
    return {asked: _state(asked, block) for asked, block in zip(units, _blocks(told), strict=True)}


@dataclass(frozen=True)
class TimerState:
    """A timer, and the unit it `starts`. `next` and `last` as systemd says them in UTC, "" when there is none.

    `next_s`: when it elapses by the kernel's monotonic clock, for one that counts from a start; else None.
    """

    name: str
    active: str
    next: str
    last: str
    starts: str
    next_s: float | None = None


def timers(units: Sequence[str]) -> dict[str, TimerState]:
    """How the timers are, in one call. StationError when systemd does not answer."""
    if not units:
        return {}
    asked = "Id,ActiveState,NextElapseUSecRealtime,NextElapseUSecMonotonic,LastTriggerUSec,Unit"
    blocks = _blocks(_run(["show", f"--property={asked}", "--", *units], user="", within_s=ASK_S))
    return {name: _timer(name, block) for name, block in zip(units, blocks, strict=True)}


def sockets() -> dict[str, list[tuple[str, str]]]:
    """The TCP and UDP ports that systemd holds open, as (protocol, ADDRESS:PORT) by the socket unit they are of."""
    blocks = _blocks(_run(["show", "--property=Id,ActiveState,Listen", "--", "*.socket"], user="", within_s=ASK_S))
    kinds = {"Stream": "tcp", "Datagram": "udp"}
    found: dict[str, list[tuple[str, str]]] = {}
    for block in blocks:
        ports = re.findall(r"(\S+:\d+) \((Stream|Datagram)\)", block.get("Listen", ""))
        if ports and block.get("ActiveState") not in ("inactive", "failed"):
            found[block["Id"]] = [(kinds[kind], address) for address, kind in ports]
    return found


def act(verb: str, units: Iterable[str] = (), *options: str, user: str = "", within_s: float = ACT_S) -> None:
    """`systemctl VERB UNITS`: start, stop, restart, enable, daemon-reload… StationError with what systemd said."""
    _run([*options, verb, *(["--", *names] if (names := list(units)) else [])], user=user, within_s=within_s)


def forget_starts(units: Sequence[str]) -> None:
    """No start so far counts towards the units' limit any more, and no failure; of one that is not loaded none did."""
    if units:  # without names it would be all units of the machine
        with suppress(StationError):
            act("reset-failed", units)


def journal(unit: str, lines: int = 20, *, invocation: str = "") -> str:
    """The last lines that the unit printed, of one run when `invocation` is given; "" when there are none."""
    chosen = [f"_SYSTEMD_INVOCATION_ID={invocation}"] if invocation else ["--unit", unit]
    command = ["journalctl", "--no-pager", "--quiet", "--output=cat", f"--lines={lines}", *chosen]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=ASK_S, check=False)
    return ended.stdout.strip()


def _run(words: list[str], *, user: str, within_s: float) -> str:
    manager = _manager(user)
    command = [SYSTEMCTL, "--no-ask-password", "--no-pager", *manager, *words]
    shown = f"systemctl {' '.join([*manager, *words])}"[:300]
    in_utc = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}", **os.environ, "TZ": "UTC"}
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False, env=in_utc)
    except FileNotFoundError as why:
        raise StationError(f"`{shown}` was not run: this machine has no systemctl", "Run it on a host") from why
    except subprocess.TimeoutExpired as why:
        raise StationError(f"`{shown}` did not end within {within_s:g} s", "See `systemctl list-jobs`") from why
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip() or f"exit code {ended.returncode}")[-1000:]
        raise StationError(f"`{shown}` failed: {said}", "The journal has more: `journalctl -xe`")
    return ended.stdout


def _manager(user: str) -> list[str]:
    """Whose systemd is asked. Only root may ask that of somebody else."""
    if not user:
        return []
    return ["--user"] if pwd.getpwuid(os.getuid()).pw_name == user else ["--user", f"--machine={user}@.host"]


def _blocks(told: str) -> list[dict[str, str]]:
    """What `show` told of each unit. A property that comes several times keeps all its values, a line each."""
    found = []
    for text in told.strip().split("\n\n"):
        block: dict[str, str] = {}
        for name, value in (line.split("=", 1) for line in text.splitlines() if "=" in line):
            block[name] = f"{block[name]}\n{value}" if name in block else value
        if block:
            found.append(block)
    return found


def _timer(asked: str, told: Mapping[str, str]) -> TimerState:
    by_clock, later = told.get("NextElapseUSecRealtime", ""), told.get("NextElapseUSecMonotonic", "")
    return TimerState(
        name=asked,
        active=told.get("ActiveState", ""),
        next=by_clock or ("" if later in ("", "infinity") else f"{later} after the start of the machine"),
        last=told.get("LastTriggerUSec", ""),
        starts=told.get("Unit", ""),
        next_s=_seconds(later),
    )


def _seconds(timespan: str) -> float | None:
    """A span of time as systemd writes it, such as `1h 2min 3.5s`; None for what is none."""
    parts = re.findall(r"([\d.]+)([a-z]+)", timespan)
    if not parts or any(unit not in _SPANS_S for _, unit in parts):
        return None
    return sum(float(number) * _SPANS_S[unit] for number, unit in parts)


def _state(asked: str, told: dict[str, str]) -> UnitState:
    return UnitState(
        name=told.get("Id", asked),
        load=told.get("LoadState", ""),
        active=told.get("ActiveState", ""),
        sub=told.get("SubState", ""),
        file_state=told.get("UnitFileState", ""),
        result=told.get("Result", ""),
        restarts=int(told.get("NRestarts") or 0),
        pid=int(told.get("MainPID") or 0) or None,
        exit_status=int(told.get("ExecMainStatus") or 0),
        needs_reload=told.get("NeedDaemonReload") == "yes",
        since=told.get("ActiveEnterTimestamp", ""),
        invocation=told.get("InvocationID", ""),
        skipped=told.get("Result") == "exec-condition"
        or (told.get("ConditionResult") == "no" and bool(told.get("ConditionTimestamp"))),
        tried=bool(told.get("ConditionTimestamp")),
        queued=told.get("Job", "0") not in ("", "0"),
    )
