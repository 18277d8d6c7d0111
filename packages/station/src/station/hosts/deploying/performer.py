"""Who deploys: the person behind `sudo`, and where they came from. And the lock that names them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from station.clock import to_text
from station.fleet import Host
from station.hosts.switching import journal


def performer(environment: Mapping[str, str]) -> str:
    """`daseme from 100.64.0.7`; `root` when nobody else is to be seen."""
    name = environment.get("SUDO_USER") or environment.get("STATION_PERFORMER") or environment.get("LOGNAME") or "root"
    address = (environment.get("SSH_CONNECTION") or environment.get("SSH_CLIENT") or "").split(" ")[0]
    return f"{name} from {address}" if address else name


@contextmanager
def deploying(host: Host, app: str, what: str, who: str, now: datetime) -> Iterator[None]:
    """Hold the lock of the app's deploys; it dies with this process. Busy, naming who has it, since when, for what."""
    with journal.holding(host, app, f"{what} of {app}"):
        holder = f"{who} (process {os.getpid()} on {host.name}, {what} since {to_text(now)})"
        journal.lock_file(host, app).write_text(holder, encoding="utf-8")  # the lock is on the file, not on its text
        yield
