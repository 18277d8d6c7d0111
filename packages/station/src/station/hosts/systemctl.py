"""systemd's own program, asked as values: what units are, and what they shall do. Every call of it is here."""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from station.errors import StationError

SYSTEMCTL = "/bin/systemctl"
ASK_S = 30.0
ACT_S = 150.0  # a unit may take its TimeoutStopSec= and its start time
_PROPERTIES = (
    *("Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "NRestarts", "MainPID"),
    *("ExecMainStatus", "ConditionResult", "NeedDaemonReload", "ActiveEnterTimestamp", "InvocationID"),
)


@dataclass(frozen=True)
class UnitState:
    """A unit as systemd tells it. `pid` None: no main process. `restarts` are those that systemd did by itself.

    `active`: active, inactive, activating, deactivating or failed; `sub` is the finer word (running, auto-restart…).
    `result`: success, or why it failed. `since`: when it became active, as systemd says it, "" if never.
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
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in told.split("\n\n")]
    return {asked: _state(asked, block) for asked, block in zip(units, [each for each in blocks if each], strict=True)}


def act(verb: str, units: Iterable[str] = (), *options: str, user: str = "", within_s: float = ACT_S) -> None:
    """`systemctl VERB UNITS`: start, stop, restart, enable, daemon-reload… StationError with what systemd said."""
    _run([*options, verb, *(["--", *names] if (names := list(units)) else [])], user=user, within_s=within_s)


def journal(unit: str, lines: int = 20, *, invocation: str = "") -> str:
    """The last lines that the unit printed, of one run when `invocation` is given; "" when there are none."""
    chosen = [f"_SYSTEMD_INVOCATION_ID={invocation}"] if invocation else ["--unit", unit]
    command = ["journalctl", "--no-pager", "--quiet", "--output=cat", f"--lines={lines}", *chosen]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=ASK_S, check=False)
    return ended.stdout.strip()


def _run(words: list[str], *, user: str, within_s: float) -> str:
    manager = ["--user", f"--machine={user}@.host"] if user else []
    command = [SYSTEMCTL, "--no-ask-password", "--no-pager", *manager, *words]
    shown = f"systemctl {' '.join([*manager, *words])}"[:300]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False)
    except FileNotFoundError as why:
        raise StationError(f"`{shown}` was not run: this machine has no systemctl", "Run it on a host") from why
    except subprocess.TimeoutExpired as why:
        raise StationError(f"`{shown}` did not end within {within_s:g} s", "See `systemctl list-jobs`") from why
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip() or f"exit code {ended.returncode}")[-1000:]
        raise StationError(f"`{shown}` failed: {said}", "The journal has more: `journalctl -xe`")
    return ended.stdout


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
    )
