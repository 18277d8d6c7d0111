"""Debian's own programs, run to their end. What one of them says when it fails is in the error."""

import subprocess
from collections.abc import Sequence

from station.errors import StationError

RUN_S = 60.0
_PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def run(command: Sequence[str], hint: str = "The journal may have more: `journalctl -e`") -> str:
    """What it printed. StationError when it fails, is not there, or does not end. Never give it a secret."""
    shown = " ".join(command)
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False, env=_PATH)
    except FileNotFoundError as why:
        raise StationError(f"`{shown}` was not run: there is no {command[0]} here", f"Install {command[0]}") from why
    except subprocess.TimeoutExpired as why:
        raise StationError(f"`{shown}` did not end within {RUN_S:g} s", hint) from why
    if ended.returncode != 0:
        said = ended.stderr.strip() or ended.stdout.strip() or f"exit code {ended.returncode}"
        raise StationError(f"`{shown}` failed: {said[-1000:]}", hint)
    return ended.stdout
