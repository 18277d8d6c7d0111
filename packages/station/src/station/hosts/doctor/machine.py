"""The machine itself: clock, room on its disks, memory, load, the journal, network drives."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from station.hosts.asuser import as_user, python
from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here, moment

WARN_FULL, FAIL_FULL = 0.85, 0.95
SPARE_BYTES = 200 * 10**6  # with less an app is about to stop
MEMORY_WARN, MEMORY_FAIL = 0.10, 0.04  # of what there is, what is left
DRIVE_S = 10.0
_AHEAD_S = 60.0
_OUR_PLACES = ("/", "/boot/firmware", "/tmp", "/run", "/var/log", "/opt/apps", "/opt/venvs", "/var/lib", "/etc")


def clock(here: Here) -> Iterator[Said]:
    """The clock is kept by a time server, and is not behind what was written already.

    By hand: timedatectl

    Remedy: systemctl enable --now systemd-timesyncd
    """
    newest = _newest(here)
    if newest is not None and (newest - here.now).total_seconds() > _AHEAD_S:
        said = f"it is {here.now:%Y-%m-%d %H:%M:%S} UTC here, and something was written at {newest:%Y-%m-%d %H:%M:%S}"
        yield failed("", said, "timedatectl set-ntp true")
        return
    told = _timedatectl()
    if told is None:
        yield unknown("", "timedatectl does not answer")
    elif told.get("NTPSynchronized") == "yes":
        yield ok("", f"kept by a time server; it is {here.now:%Y-%m-%d %H:%M:%S} UTC")
    elif told.get("CanNTP") == "no":
        yield unknown("", "no program here keeps the clock, and the kernel does not say that somebody else does")
    else:
        yield warning("", "no time server keeps it", "timedatectl set-ntp true")


def disk(here: Here) -> Iterator[Said]:
    """Every file system that the host uses has room for more bytes and more files, and can be written to.

    By hand: df -h; df -i

    Remedy: journalctl --vacuum-size=200M; station db prune APP
    """
    stopped = read_only(Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    for place, path in _file_systems(here).items():
        about = os.statvfs(path)
        total, free = about.f_blocks * about.f_frsize, about.f_bavail * about.f_frsize
        if place in stopped:
            yield failed(place, "can only be read: a card that fails is put so", "dmesg | tail; replace the card")
            continue
        inodes = 1 - about.f_favail / about.f_files if about.f_files else 0.0
        yield room(place, total, free, inodes)


def room(place: str, total: int, free: int, inodes: float) -> Said:
    """How a file system of `total` bytes is judged, `free` of them and a share `inodes` of its files used. Pure."""
    full = 1 - free / total if total else 0.0
    said = f"{_size(free)} of {_size(total)} free, {inodes:.0%} of its files used"
    little = total > 4 * SPARE_BYTES and free < SPARE_BYTES
    remedy = f"du -xh {place} | sort -h | tail; journalctl --vacuum-size=200M"
    if full > FAIL_FULL or inodes > FAIL_FULL or little:
        return failed(place, said, remedy)
    if full > WARN_FULL or inodes > WARN_FULL:
        return warning(place, said, remedy)
    return ok(place, said)


def memory(here: Here) -> Iterator[Said]:
    """There is memory left, and the swap is not full.

    By hand: free -h

    Remedy: systemctl restart UNIT of what grew: ps aux --sort=-rss | head
    """
    found, swap = psutil.virtual_memory(), psutil.swap_memory()
    left = found.available / found.total
    said = f"{_size(found.available)} of {_size(found.total)} to be had"
    said += f", swap {swap.percent:.0f} % full" if swap.total else ", no swap"
    remedy = "ps aux --sort=-rss | head"
    if left < MEMORY_FAIL:
        yield failed("", said, remedy)
    elif left < MEMORY_WARN or (swap.total and swap.percent > 90):
        yield warning("", said, remedy)
    else:
        yield ok("", said)


def load(here: Here) -> Iterator[Said]:
    """The processors keep up: over a quarter of an hour no more waits than twice what they can do at once.

    By hand: uptime

    Remedy: top
    """
    one, five, fifteen = os.getloadavg()
    processors = os.cpu_count() or 1
    said = f"{one:.1f}, {five:.1f}, {fifteen:.1f} on {processors} processors"
    yield warning("", said, "top") if fifteen > 2 * processors else ok("", said)


def journal(here: Here) -> Iterator[Said]:
    """The journal outlasts a restart, so that it tells why one was needed.

    By hand: journalctl --list-boots

    Remedy: mkdir -p /var/log/journal; systemctl restart systemd-journald
    """
    folder = Path("/var/log/journal")
    machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    if (folder / machine).is_dir():
        yield ok("", f"kept in {folder}")
    else:
        keep = "mkdir -p /var/log/journal; systemctl restart systemd-journald; journalctl --flush"
        yield warning("", "kept in memory: a restart loses it", keep)


def drives(here: Here) -> Iterator[Said]:
    """Network drives are mounted when somebody looks into them.

    By hand: ls /mnt/k-drive

    Remedy: systemctl status the .mount unit; user and password are in /etc/station/cifs
    """
    for name, mount in here.host.mounts.items():
        account = here.fleet.apps[mount.app].account if mount.app else "root"
        code = "import os, sys; os.listdir(sys.argv[1]); print(os.path.ismount(sys.argv[1]))"
        ended = as_user(account, python(code, mount.at), within_s=DRIVE_S)
        remedy = f"systemctl status '{mount.at}'; user and password are in /etc/station/cifs/{name}"
        if ended.code is None:
            yield failed(name, f"{mount.share} did not answer within {DRIVE_S:g} s", remedy)
        elif ended.code != 0:
            yield failed(name, f"{account} cannot look into {mount.at}: {ended.last_line}", remedy)
        elif ended.out.strip() != "True":
            yield failed(name, f"{mount.at} is an empty folder: nothing was mounted", remedy)
        else:
            yield ok(name, f"{mount.share} is mounted at {mount.at}")


def read_only(mounts: str) -> set[str]:
    """Where file systems are mounted of which nothing can be written, in the text of /proc/self/mountinfo.

    What counts is the file system's own state, after ` - `: a mount of it may be closed to a unit that is shut in.
    """
    found = set()
    for line in mounts.splitlines():
        mount, _, about = line.partition(" - ")
        options = about.split()[2].split(",") if len(about.split()) > 2 else []
        if {"ro", "emergency_ro"} & set(options):
            found.add(mount.split()[4])
    return found


def _newest(here: Here) -> datetime | None:
    """The latest moment that this host or its manifest was written."""
    written = [moment(here.status or {}, "started_at")]
    for path in (here.fleet.path, Path("/var/lib/systemd/timesync/clock")):
        if path.exists():
            written.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    return max((each for each in written if each is not None), default=None)


def _timedatectl() -> dict[str, str] | None:
    try:
        ended = subprocess.run(["timedatectl", "show"], capture_output=True, text=True, timeout=3, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return dict(line.split("=", 1) for line in ended.stdout.splitlines() if "=" in line)


def _file_systems(here: Here) -> dict[str, str]:
    """A folder on each of them, by where it is mounted; those that the host and its apps use."""
    paths = here.host.paths
    used = [str(paths.data(place.app.name)) for place in here.places]
    used += [str(paths.state(place.app.name)) for place in here.places] + [str(paths.logs), str(paths.run)]
    used += list(_OUR_PLACES) if here.host.address else [str(here.host.folder)]
    used += [str(store.path) for store in here.fleet.stores.values() if store.kind == "directory"]
    found: dict[str, str] = {}
    seen: set[int] = set()
    for path in sorted(filter(os.path.exists, used), key=len):
        device = Path(path).stat().st_dev
        if device not in seen:
            seen.add(device)
            found[_mount_point(path)] = path
    return found


def _mount_point(path: str) -> str:
    place = Path(path).resolve()
    while not place.is_mount():
        place = place.parent
    return str(place)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
