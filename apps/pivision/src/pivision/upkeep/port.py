"""Who answers at the server's address: PiVision, somebody else, nobody. Names the process and its unit."""

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

ANSWER_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
_UNITS = (".service", ".socket", ".scope")


@dataclass(frozen=True)
class Answered:
    """`ours`: it is PiVision. `failing`: what it says is wrong with itself. `holder`: who listens, "" nobody."""

    ours: bool
    failing: tuple[str, ...] = ()
    holder: str = ""
    unit: str = ""


def who_answers(bind: str, port: int) -> Answered:
    """Ask it for its health, and look who listens where that is not told."""
    said = _health(_EVERYWHERE.get(bind, bind), port)
    if said is None:
        return Answered(False, (), *_holder(port))
    checks = said.get("checks")
    failing = [f"{name}: {_text(each)}" for name, each in checks.items() if not _is_ok(each)] if checks else []
    return Answered(True, tuple(failing))


def _health(address: str, port: int) -> dict[str, dict[str, object]] | None:
    """What PiVision says of itself; None when it is not PiVision."""
    try:
        with closing(http.client.HTTPConnection(address, port, timeout=ANSWER_S)) as connection:
            connection.request("GET", "/health")
            found = json.loads(connection.getresponse().read(100_000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return found if isinstance(found, dict) and "writer" in found.get("checks", {}) else None


def _is_ok(check: object) -> bool:
    return isinstance(check, dict) and check.get("status") == "ok"


def _text(check: object) -> str:
    return str(check.get("evidence", "")) if isinstance(check, dict) else ""


def _holder(port: int) -> tuple[str, str]:
    """Who listens there and their unit, as far as one may see; systemd itself only when there is nobody else."""
    found = [
        each.pid
        for each in psutil.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port
    ]
    pids = sorted({pid for pid in found if pid}, reverse=True)
    if not pids:
        return ("somebody whom only root may see" if found else "", "")
    try:
        name = psutil.Process(pids[0]).name()
    except psutil.Error:
        name = "?"
    unit = _unit(pids[0])
    return f"{name} (process {pids[0]}{f', {unit}' if unit else ''})", unit


def _unit(pid: int) -> str:
    """The unit that the process belongs to; "" when it belongs to none."""
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return ""
    names = [name for name in groups.replace("\n", "/").split("/") if name.endswith(_UNITS)]
    return names[-1] if names else ""
