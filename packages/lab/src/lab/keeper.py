"""The process that keeps one host's power on: mounts its disk, boots it, again after each reboot, and takes it down.

`unshare --mount python -m lab.keeper FOLDER`: its mounts are its own and end with it. One byte on its input (PLUG)
pulls the plug; the end of its input means that its owner is gone: it takes the host down and sweeps.
"""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.claim import Run, loops_of, sweep
from lab.commands import run, with_sbin
from lab.errors import LabError
from lab.groups import end_groups, inside_groups
from lab.network import apply_isolation, link_of

PLUG = b"!"
REBOOT = 133  # systemd-nspawn's exit status when the host asked for a reboot
EXT4_IOC_SHUTDOWN = 0x8004587D  # linux/ext4: _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2  # what was not yet on the disk is lost, as when the power fails
ENDED_S = 20.0


@dataclass(frozen=True)
class Spec:
    """What a host is made of; written to FOLDER/spec.json by whoever wants it booted."""

    run_number: int
    run_folder: str
    index: int
    name: str
    lower: str  # the root file system it starts from, never written to
    disk_mib: int  # how much it can write
    files: dict[str, str]  # written on the first boot
    shared: dict[str, str]  # folders of this machine, read-only in the host: here -> there

    @property
    def run(self) -> Run:
        return Run(self.run_number, Path(self.run_folder))

    @property
    def folder(self) -> Path:
        return self.run.folder / str(self.index)

    def write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "spec.json").write_text(json.dumps(asdict(self)))


def main() -> int:
    folder = Path(sys.argv[1])
    spec = Spec(**json.loads((folder / "spec.json").read_text()))
    try:
        _mount(spec)
        return _keep(spec)
    finally:
        _unmount(spec)
        if _owner_is_gone():
            sweep()


def _mount(spec: Spec) -> None:
    """Put the host's disk over the root file system it starts from; both mounts are this process's own."""
    disk, folder = spec.folder / "disk", spec.folder
    run(
        ["mount", "-t", "tmpfs", "tmpfs", _made(Path("/run/systemd/nspawn"))]
    )  # else a reboot fails: it must be a tmpfs
    fresh = not disk.exists()
    if fresh:
        blank = folder / "disk.new"
        with blank.open("wb") as file:
            file.truncate(spec.disk_mib << 20)
        run(["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", blank])
        blank.rename(disk)
    run(["mount", "-o", "loop", disk, _made(folder / "mnt")])
    upper, work = _made(folder / "mnt/upper"), _made(folder / "mnt/work")
    layers = f"lowerdir={spec.lower},upperdir={upper},workdir={work}"
    run(["mount", "-t", "overlay", "-o", layers, spec.run.machine(spec.index), _made(folder / "root")])
    if not (folder / "root/etc/ssh/ssh_host_ed25519_key").exists():
        _furnish(folder / "root", spec.files)


def _furnish(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run(["chroot", root, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/ssh_host_ed25519_key"])
    run(["sync", "--file-system", root])  # the plug may be pulled at once: what it was delivered with stays


def _keep(spec: Spec) -> int:
    """Boot, and boot again after each reboot, until the host is off (0), the plug pulled (0), or it cannot boot (1)."""
    boot = 0
    while True:
        boot += 1
        container = _start(spec)
        try:
            _note(spec.folder, {"boot": boot, "container": container.pid})
            apply_when_there(spec)
            asked = _until_ended_or_asked(container.pid)
        finally:
            if container.poll() is None:
                os.killpg(container.pid, signal.SIGKILL)
            status = container.wait()
            end_groups(spec.folder / "control-groups")
        if asked:
            _cut_power(spec.folder / "mnt")
            return 0
        if status != REBOOT:
            return 0 if status == 0 else 1
        # systemd leaves this to the machine when it runs in a container; a real host has written all when it reboots
        run(["sync", "--file-system", spec.folder / "mnt"])


def _start(spec: Spec) -> subprocess.Popen[bytes]:
    bridge = (spec.folder / "bridge").read_text()
    command = [
        "setpriv", "--pdeathsig", "KILL", "systemd-nspawn", "--quiet", f"--directory={spec.folder / 'root'}",
        f"--machine={spec.run.machine(spec.index)}", f"--hostname={spec.name}", f"--network-bridge={bridge}",
        "--register=no", "--keep-unit", "--boot", "--settings=no", "--link-journal=no", "--resolv-conf=off",
        "--timezone=off", "--console=read-only", *(f"--bind-ro={here}:{there}" for here, there in spec.shared.items()),
    ]  # fmt: skip
    groups = inside_groups(spec.run.machine(spec.index), spec.folder / "control-groups")
    with groups, (spec.folder / "console.log").open("ab") as console:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            env=with_sbin(os.environ),
        )


def apply_when_there(spec: Spec) -> None:
    """Wait for the host's end of the cable, and cut it off from the other hosts if that was asked for."""
    ends = time.monotonic() + ENDED_S
    while not Path("/sys/class/net", link_of(spec.run, spec.index), "brport").exists():
        if time.monotonic() > ends:
            return  # nspawn has said why on the console
        time.sleep(0.01)
    apply_isolation(spec.run, spec.index)


def _until_ended_or_asked(container: int) -> bool:
    """Wait. True when the plug is to be pulled or the owner is gone, False when the container ended by itself."""
    ended = os.pidfd_open(container)
    try:
        ready, _, _ = select.select([ended, sys.stdin.fileno()], [], [])
    finally:
        os.close(ended)
    return sys.stdin.fileno() in ready


def _cut_power(disk: Path) -> None:
    """Let the disk lose all that was not yet written to it, as a power cut does."""
    place = os.open(disk, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(place, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(place)


def _unmount(spec: Spec) -> None:
    """Unmount, once the last process of the host is gone, and wait until the disk is in nobody's hands."""
    ends = time.monotonic() + ENDED_S
    for place in (spec.folder / "root", spec.folder / "mnt"):
        while place.is_mount():
            try:
                run(["umount", place])
            except LabError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.02)
    while loops_of(spec.folder) and time.monotonic() < ends:
        time.sleep(0.02)


def _owner_is_gone() -> bool:
    """Whether the input has ended. It must not wait: an owner that lives may have nothing more to say."""
    readable, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
    return bool(readable) and os.read(sys.stdin.fileno(), 1) == b""


def _note(folder: Path, state: dict[str, int]) -> None:
    (folder / "state.new").write_text(json.dumps(state))
    (folder / "state.new").rename(folder / "state")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
