"""Who deploys: the person behind `sudo`, and where they came from. And the lock that names them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from station.clock import to_text
from station.fleet import Host
from station.hosts.switching import journal

PROC = Path("/proc")


def performer(environment: Mapping[str, str], parent: int, proc: Path = PROC) -> str:
    """`daseme from 100.64.0.7`; `root` when nobody else is to be seen.

    `sudo` keeps the name and not the address: that is looked up in the processes which started us, from `parent` on.
    """
    name = environment.get("SUDO_USER") or environment.get("LOGNAME") or "root"
    line = environment.get("SSH_CONNECTION") or next(_told_by(parent, proc, "SSH_CONNECTION"), "")
    address = line.split(" ")[0]
    return f"{name} from {address}" if address else name


def _told_by(process: int, proc: Path, variable: str) -> Iterator[str]:
    """The variable as each process has it, from this one up; those that may not be read have none."""
    while process > 1:
        try:
            environment = (proc / str(process) / "environ").read_bytes().decode(errors="replace")
            status = (proc / str(process) / "stat").read_text()
        except OSError:
            return
        yield from (word.partition("=")[2] for word in environment.split("\0") if word.startswith(f"{variable}="))
        process = int(status.rpartition(")")[2].split()[1])


@contextmanager
def deploying(host: Host, app: str, what: str, who: str, now: datetime) -> Iterator[None]:
    """Hold the lock of the app's deploys; it dies with this process. Busy, naming who has it, since when, for what."""
    holder = f"{who} (process {os.getpid()} on {host.name}, {what} since {to_text(now)})"
    with journal.holding(host, app, f"{what} of {app}", holder):
        yield
