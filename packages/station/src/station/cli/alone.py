"""One run of a command for an app at a time on this host; the second one is told who is at it, and since when."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.session import Session

if TYPE_CHECKING:
    from station.fleet import App


def alone(session: Session, app: "App", verb: str) -> AbstractContextManager[None]:
    """Hold the lock of `verb` for the app while the block runs. Busy, naming the holder."""
    from station.points.holding import locked  # noqa: PLC0415

    place, host = _place(session, app)
    return locked(place / f"{verb}.lock", f"The {verb} of {app.name}", host)


def _place(session: Session, app: "App") -> tuple[Path, str]:
    """Where this machine keeps its locks for the app: with the state of its host, or, when no host of the app is here,
    in the user's folder of caches."""
    for name in app.hosts:
        state = session.fleet.hosts[name].paths.state(app.name)
        if state.is_dir() and os.access(state, os.W_OK):
            return state, name
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "station" / f"{session.fleet.name}-{app.name}", os.uname().nodename
