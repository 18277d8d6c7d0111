"""The root file system that every host starts from: Debian by debootstrap, near to what Raspberry Pi OS Lite holds."""

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from lab.cache import held, key_of
from lab.commands import run
from lab.errors import LabError, ProgramsMissing

SUITE = "bookworm"
PACKAGES = (
    "acl", "ca-certificates", "curl", "dbus", "dbus-user-session", "git", "iproute2", "iputils-ping", "libpam-systemd",
    "logrotate", "openssh-server", "procps", "psmisc", "python3", "python3-venv", "rsync", "sqlite3", "sudo", "systemd",
    "systemd-sysv", "systemd-timesyncd", "zstd",
)  # fmt: skip
SYSTEM = "etc/systemd/system"
LINKS = {
    f"{SYSTEM}/multi-user.target.wants/systemd-networkd.service": "/lib/systemd/system/systemd-networkd.service",
    f"{SYSTEM}/network-online.target.wants/systemd-networkd-wait-online.service": (
        "/lib/systemd/system/systemd-networkd-wait-online.service"
    ),
    # no package mirror is within reach of a host, and nobody sits at its console
    f"{SYSTEM}/apt-daily.timer": "/dev/null",
    f"{SYSTEM}/apt-daily-upgrade.timer": "/dev/null",
    f"{SYSTEM}/console-getty.service": "/dev/null",
}
EMPTIED = ("etc/machine-id", "etc/resolv.conf")  # each host gets its own identity, and none a way out
BUILD_S = 900.0  # 57 s were measured; a slow mirror may take long
VERSION = "1"  # raise it when `_finish` changes


def rootfs(cache: Path, env: Mapping[str, str], tell: Callable[[str], None]) -> AbstractContextManager[Path]:
    """The root file system, built first if need be, and held as long as the context is open. Never written to."""
    mirror = env.get("STATION_LAB_MIRROR") or _mirror_of_this_machine()
    key = key_of(VERSION, SUITE, *PACKAGES, *LINKS, *LINKS.values())

    def build(folder: Path) -> None:
        source = mirror or "debootstrap's own mirror"
        tell(f"building the hosts' root file system from {source} (about a minute, once)")
        _debootstrap(folder, mirror, env)
        _finish(folder)

    return held(cache / "root", key, build)


def _debootstrap(folder: Path, mirror: str | None, env: Mapping[str, str]) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, folder]
    if mirror:
        command.append(mirror)
    try:
        run(command, timeout_s=BUILD_S, env={**env, **_proxy_of_apt()})
    except LabError as error:
        hint = "is the mirror within reach? STATION_LAB_MIRROR names another one"
        raise ProgramsMissing(f"No root file system for the lab: {error}", hint=hint) from error


def _finish(folder: Path) -> None:
    for name in EMPTIED:
        (folder / name).write_text("")
    for key in (folder / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for link, target in LINKS.items():
        path = folder / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)
    (folder / "etc/default/locale").write_text("LANG=C.UTF-8\n")
    shutil.rmtree(folder / "var/cache/apt")
    shutil.rmtree(folder / "var/lib/apt/lists")
    for emptied in ("var/cache/apt/archives/partial", "var/lib/apt/lists/partial"):
        (folder / emptied).mkdir(parents=True)
    os.sync()  # a power cut of the machine must not leave the renamed folder with empty files


def _mirror_of_this_machine() -> str | None:
    """The mirror that apt here uses for the suite, so that a machine behind a mirror of its own needs no setting."""
    for line in _asked(
        "apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"
    ):
        release, component, uri = (*line.split(), "", "", "")[:3]
        if (release, component) == (SUITE, "main") and uri.startswith(("http", "file:")):
            return uri.rstrip("/")
    return None


def _proxy_of_apt() -> dict[str, str]:
    for line in _asked("apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy"):
        if line:
            return {"http_proxy": line}
    return {}


def _asked(*command: str) -> list[str]:
    """What a program of apt answers; nothing where the machine has no apt."""
    try:
        return run(command).splitlines()
    except LabError:
        return []
