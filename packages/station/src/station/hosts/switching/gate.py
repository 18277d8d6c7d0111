"""Whether a release is healthy: it answers as it should, from the app's own unit, and its databases can be used."""

import http.client
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.errors import GateFailed, StationError
from station.fleet import Health
from station.fleet.addresses import reachable
from station.hosts import health, systemctl
from station.hosts.deploying.sandbox import Box, run_boxed
from station.hosts.rendering.place import Place
from station.hosts.rendering.switch_units import private_socket
from station.hosts.switching.app_processes import Processes, is_kept_still, trouble
from station.hosts.systemd_gate import stranger

SETTLE_S = 3.0  # a unit that fails after its start does so within seconds
ALONE_S = 2.0  # the same while requests wait
WRONG_S = 5.0  # an app that is up and goes on giving a wrong answer is not waited for while requests wait
LOG_LINES = 25
_ASK_S = 2.0
_AGAIN_S = 0.1
_READ_BYTES = 1 << 20
_QUICK_CHECK_BYTES = (
    64 << 20
)  # read in a second from an SD card; larger ones are not read as a whole while requests wait

# Run by the app's user, in the sandbox of its units. A write lock is taken and given back: it could write.
_OPEN = """
import sys, apsw
for path in sys.argv[2:]:
    db = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    db.set_busy_timeout(10000)
    db.execute("begin immediate")
    db.execute("select count(*) from sqlite_schema").fetchall()
    size = db.pragma("page_count") * db.pragma("page_size")
    found = db.execute("pragma quick_check(1)").fetchone()[0] if size <= int(sys.argv[1]) else "ok"
    db.execute("rollback")
    db.close()
    if found != "ok":
        sys.exit(f"{path}: {found}")
"""


class WrongAnswer(StationError):
    """The app is up, and its health is not what it should be."""


class KeptStill(StationError):
    """The guard did not let the app start: this host is not its primary."""


@dataclass(frozen=True)
class Gate:
    """Asks the units of one app."""

    place: Place
    processes: Processes

    def trial(self) -> None:
        """The new release answers on its private socket. GateFailed."""
        path = private_socket(self.place.host.paths, self.place.gate)
        process = self.place.app.gate
        asked = process.health
        if asked is not None:
            ask = _Patience(lambda: _ask_privately(path, process.port or 80, asked))
            self._wait(self.processes.trial, asked, ask)

    def public(self) -> None:
        """The app answers where everybody asks it, and it is its own unit that listens there. GateFailed, KeptStill."""
        unit, process = self.processes.gate, self.place.app.gate
        asked, port = process.health, process.port
        if asked is None or port is None:
            return
        bind = self.place.app.bind
        self._wait(unit, asked, lambda: health.answer(port, asked, bind) or stranger(self.place))

    def up(self, unit: str) -> None:
        """The unit says itself that it is ready, if it can say so. GateFailed."""
        asked = self.place.app.gate.health
        if asked is not None:
            self._wait(unit, asked, lambda: "")

    def settled(self, units: Sequence[str], for_s: float = SETTLE_S) -> None:
        """None of them ends in its first seconds. GateFailed, with the unit that did."""
        seen: dict[str, str] = {}
        ends = time.monotonic() + for_s
        while True:
            for unit, state in systemctl.states(units).items():
                if why := trouble(state, seen.get(unit, "")):
                    raise failed(unit, why)
                if state.pid is not None:
                    seen.setdefault(unit, state.invocation)
            if not units or time.monotonic() > ends:
                return
            time.sleep(_AGAIN_S)

    def databases(self, files: list[Path]) -> None:
        """The app's user opens each of them and could write. GateFailed."""
        there = [str(file) for file in files if file.exists()]
        if not there:
            return
        box = Box(data="write", as_app=False)
        command = [sys.executable, "-I", "-c", _OPEN, str(_QUICK_CHECK_BYTES), *there]
        ended = run_boxed(self.place, command, self.place.data, box, {})
        if ended.code != 0:
            raise GateFailed(
                f"{self.place.app.title} cannot use its databases: {ended.last_lines}",
                f"See `ls -l {there[0]}`, and `sqlite3 {there[0]} 'PRAGMA integrity_check'`",
            )

    def _wait(self, unit: str, asked: Health, ask: Callable[[], str]) -> None:
        ends, invocation, began = time.monotonic() + asked.within_s, "", time.monotonic()
        while True:
            state = systemctl.states([unit])[unit]
            if is_kept_still(state):
                raise KeptStill(f"{unit} was not started: its guard says that this host is not the app's primary")
            if why := trouble(state, invocation):
                raise failed(unit, why)
            if state.pid is not None:
                invocation = invocation or state.invocation
            try:
                why = ask() if state.is_running else f"it was still {state.active}"
            except WrongAnswer as wrong:
                raise failed(unit, wrong.message) from wrong
            if not why and systemctl.states([unit])[unit].invocation == invocation:
                return
            if time.monotonic() > ends:
                raise failed(unit, f"{why}, {time.monotonic() - began:.0f} s after its start")
            time.sleep(_AGAIN_S)


class _Patience:
    """Asks, and gives up on an app that has answered for a while, always wrongly."""

    def __init__(self, ask: Callable[[], tuple[int, str]]) -> None:
        self._ask = ask
        self._wrong_since: float | None = None

    def __call__(self) -> str:
        status, why = self._ask()
        now = time.monotonic()
        self._wrong_since = (self._wrong_since or now) if status and why else None
        if self._wrong_since is not None and now - self._wrong_since > WRONG_S:
            raise WrongAnswer(f"{why}, for {WRONG_S:g} s")
        return why


def failed(unit: str, why: str, what: str = "") -> GateFailed:
    """With the last lines that the unit printed in its last run."""
    state = systemctl.states([unit])[unit]
    lines = systemctl.journal(unit, LOG_LINES, invocation=state.invocation)
    said = f"\nThe last lines of {unit}:\n" + "\n".join(f"    {line}" for line in lines.splitlines()) if lines else ""
    return GateFailed(
        f"{what or f'{unit} did not become healthy: {why}'}{said}", f"All it said: `journalctl -u {unit}`"
    )


class _Private(http.client.HTTPConnection):
    """HTTP over a Unix socket; for the rest it asks as the public does."""

    def __init__(self, path: str, port: int) -> None:
        super().__init__(reachable("127.0.0.1"), port, timeout=_ASK_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_ASK_S)
        self.sock.connect(self._path)


def _ask_privately(path: str, port: int, asked: Health) -> tuple[int, str]:
    """The status, 0 without an answer; and "" when it is the right one, else what is wrong."""
    connection = _Private(path, port)
    try:
        connection.request("GET", asked.path)
        answer = connection.getresponse()
        status = answer.status
        answer.read(_READ_BYTES)  # who is cut off while it answers says so in its log
    except (OSError, http.client.HTTPException) as why:
        return 0, f"GET {asked.path}: {getattr(why, 'strerror', None) or why or type(why).__name__}"
    finally:
        connection.close()
    return status, "" if status == asked.status else f"GET {asked.path}: {status} instead of {asked.status}"
