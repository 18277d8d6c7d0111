"""Limits that systemd takes and this kernel may not keep: tried with a service of a moment."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from station.hosts.doctor.check import Said, ok, unknown, warning
from station.hosts.doctor.here import Here

_TRY_S = 6.0
_FILL = "x = bytearray(160 * 1024 * 1024); x[::4096] = b'1' * len(x[::4096]); print('kept')"
_CALL = (
    "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2).close(); print('came through')"
)


def limits(here: Here) -> Iterator[Said]:
    """Limits of memory and of addresses are kept by this kernel, as far as a unit relies on them.

    Remedy: on a Raspberry Pi, cgroup_enable=memory in /boot/firmware/cmdline.txt, and a restart
    """
    yield _memory(here)
    yield _addresses(here)


def _memory(here: Here) -> Said:
    about, controllers = "memory", Path("/sys/fs/cgroup/cgroup.controllers")
    there = controllers.read_text().split() if controllers.exists() else []
    if "memory" not in there:
        why = f"the kernel keeps no limit of memory: its controllers are {', '.join(there) or 'none'}"
        return _not_kept(here, about, "MemoryMax=", why, "add cgroup_enable=memory to /boot/firmware/cmdline.txt")
    ended = _tried(["MemoryMax=64M", "MemorySwapMax=0"], ["-c", _FILL])
    if ended is None:
        return unknown(about, "systemd-run does not work here")
    if ended.stdout.strip() == "kept":
        return _not_kept(
            here, about, "MemoryMax=", "a service took 160 MB with MemoryMax=64M", "see cgroup.controllers"
        )
    return ok(about, "a service that took more than its MemoryMax= was ended")


def _addresses(here: Here) -> Said:
    about = "addresses"
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = _tried(["IPAddressDeny=any"], ["-c", _CALL, str(server.getsockname()[1])])
    if ended is None:
        return unknown(about, "systemd-run does not work here")
    if ended.stdout.strip() == "came through":
        why = "a service called another address in spite of IPAddressDeny=any"
        return _not_kept(here, about, "IPAddressDeny=", why, "the kernel needs CONFIG_CGROUP_BPF")
    return ok(about, "IPAddressDeny= keeps a service from addresses that it may not call")


def _not_kept(here: Here, about: str, setting: str, why: str, remedy: str) -> Said:
    """Worth a warning where a unit relies on it, and no more than a remark elsewhere."""
    relying = [path.rpartition("/")[2] for path, each in here.wanted.files.items() if f"\n{setting}" in each.text]
    if relying:
        return warning(about, f"not enforced here: {why}; {', '.join(relying)} relies on it", remedy)
    return ok(about, f"not enforced here: {why}; no unit relies on {setting}")


def _tried(settings: Sequence[str], words: Sequence[str]) -> "subprocess.CompletedProcess[str] | None":
    """What a service of a moment printed; None when it could not be started."""
    command = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", *(f"--property={each}" for each in settings)]
    try:
        ended = subprocess.run(
            [*command, "--", sys.executable, "-I", *words], capture_output=True, text=True, timeout=_TRY_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if "Failed to" in ended.stderr else ended
