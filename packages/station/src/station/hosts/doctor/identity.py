"""Which host this is, which Control Station runs on it, and whether it has all that the manifest gives it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from station.fleet.here import WHO_AM_I, name_here
from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here
from station.hosts.rendering.found import look
from station.hosts.rendering.plan import plan

PLATFORM = Path("/opt/venvs/station/current")
COMMAND = Path("/usr/local/bin/station")
_SHOWN = 3


def name(here: Here) -> Iterator[Said]:
    """The manifest is sound, and the machine is the host of it that it takes itself for.

    By hand: hostname

    Remedy: station --fleet /etc/station/fleet.toml check-manifest
    """
    apps = ", ".join(here.fleet.apps) or "no app"
    said = f"the manifest of {here.fleet.name} is sound: {', '.join(here.fleet.hosts)} with {apps}"
    if not here.host.address:
        yield ok("", said)
        return
    own = name_here()
    if not own:
        why = f"{WHO_AM_I} is missing: no command knows which host this is"
        yield failed("", why, f"station apply {here.host.name}")
    elif own == here.host.name:
        yield ok("", f"{said}; this is {own}")
    else:
        yield failed("", f"this machine takes itself for {own}, not {here.host.name}", f"station doctor {own}")


def platform(here: Here) -> Iterator[Said]:
    """The Control Station that runs is the one that the machine's link names, and `station` leads to it.

    Remedy: ln -sfn ID /opt/venvs/station/current
    """
    target = PLATFORM.resolve()
    if not (PLATFORM / "bin" / "station").exists():
        yield failed("", f"{PLATFORM} leads nowhere: no unit of Control Station can start", f"ls -l {PLATFORM.parent}")
    elif COMMAND.resolve() != (PLATFORM / "bin" / "station").resolve():
        yield warning("", f"{COMMAND} does not lead to {PLATFORM}", f"ln -sf {PLATFORM}/bin/station {COMMAND}")
    elif Path(sys.prefix).resolve() != target:
        yield warning("", f"this is {sys.prefix}, and {PLATFORM} is {target.name}", f"{PLATFORM}/bin/station doctor")
    else:
        yield ok("", f"{target.name} runs, Python {sys.version.split()[0]}")


def rendered(here: Here) -> Iterator[Said]:
    """The machine has every file, folder, user and unit that follows from the manifest, and as it follows from it.

    Remedy: station plan HOST, and then station apply HOST
    """
    changes = plan(here.host.name, here.wanted, look(here.wanted, Path("/"))).changes
    if not changes:
        yield ok(
            "", f"all of {len(here.wanted.files)} files and {len(here.wanted.folders)} folders are as they shall be"
        )
        return
    told = [f"{one.kind} {one.name} {f'({one.detail[0]})' if one.detail else one.action}" for one in changes[:_SHOWN]]
    count = f"{len(changes)} changes are due" if len(changes) > 1 else "a change is due"
    more = f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    yield warning("", f"{count}: {'; '.join(told)}{more}", f"station plan {here.host.name}")


def reboot(here: Here) -> Iterator[Said]:
    """No update waits for a restart of the machine.

    By hand: ls /run/reboot-required

    Remedy: systemctl reboot
    """
    flag = Path("/run/reboot-required")
    if flag.exists():
        packages = Path("/run/reboot-required.pkgs")
        told = ", ".join(sorted(set(packages.read_text().split()))) if packages.exists() else "an update"
        yield warning("", f"{told} waits for a restart", "systemctl reboot, at a time when nobody works")
        return
    running = os.uname().release
    if not Path("/lib/modules").is_dir() or not any(Path("/lib/modules").iterdir()):
        yield unknown("", "nothing asks for a restart; this machine has no kernel of its own to compare")
    elif not (Path("/lib/modules") / running).exists():
        yield warning("", f"the kernel {running} runs, and its modules are gone: another one waits", "systemctl reboot")
    else:
        yield ok("", f"nothing waits for a restart; kernel {running}")
