"""Whether a machine can be changed from here at all: it is that host, and we may."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

from station.errors import Refused, StationError
from station.fleet import Host

BOOTED = Path("/run/systemd/system")


def require_machine(host: Host, verb: str) -> None:
    """Refused for a folder host, which has nothing to apply."""
    if not host.address:
        raise Refused(
            f"There is no {verb} for {host.name}: it is the folder {host.folder}, not a machine",
            "`station up` runs folder hosts; give the host an address to make it a machine",
        )


def require_here(host: Host, verb: str, *, known: str, called: str = "") -> None:
    """Refused when this machine, `known` to itself by that name or none yet, is not the host."""
    if known == host.name or (not known and (called or platform.node()) in (host.name, host.address)):
        return
    what = f"it is {known}" if known else f"it is called {called or platform.node()} and has no name in the fleet yet"
    raise Refused(
        f"Cannot {verb} {host.name} here: this machine is not that host, {what}",
        f"Run it on {host.name}. If this machine is to be {host.name} from now on, say --force",
    )


def require_root(verb: str, *, user_id: Callable[[], int] = os.geteuid, booted: Path = BOOTED) -> None:
    """StationError when we may not, or when no systemd runs here."""
    if user_id() != 0:
        raise StationError(f"Cannot {verb}: it changes files and units of the whole machine", "Run it as root: `sudo`")
    if not booted.is_dir():
        raise StationError(f"Cannot {verb}: systemd does not run this machine", "Run it on a host booted with systemd")
