"""Can the lab run here? Asked before anything is built, by doing each kind of thing once, in namespaces of its own."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from lab.commands import with_sbin
from lab.errors import LabMissing, ProgramsMissing, RightsMissing

PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "bridge": "iproute2",
    "mkfs.ext4": "e2fsprogs",
    "mount": "mount",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "tar": "tar",
}
# Everything happens in new namespaces on a tmpfs: whatever it makes is gone when the shell ends, and nobody sees it.
TRIAL = r"""
try() {
    what=$1; shift
    said=$("$@" 2>&1) || { printf '%s: %s\n' "$what" "$said"; exit 1; }
}
place=$(mktemp -d); trap 'umount -l "$place" 2>/dev/null; rmdir "$place"' EXIT
try "mount a file system" mount -t tmpfs tmpfs "$place"
mkdir "$place/lower" "$place/upper" "$place/work" "$place/root" "$place/disk"
try "lay one file system over another (overlay)" mount -t overlay overlay \
    -o "lowerdir=$place/lower,upperdir=$place/upper,workdir=$place/work" "$place/root"
truncate -s 8M "$place/image"; mkfs.ext4 -q "$place/image" 2>/dev/null
try "mount a disk image (a loop device, ext4)" mount -o loop "$place/image" "$place/disk"
umount "$place/disk"; umount "$place/root"
try "make a bridge" ip link add csl0 type bridge
try "make a pair of network interfaces (veth)" ip link add csl0-a type veth peer name csl0-b
try "make a control group" mkdir "$1"
rmdir "$1"
"""
TRIAL_S = 30.0


def missing(env: Mapping[str, str]) -> LabMissing | None:
    """Why the lab cannot run here, or None when it can."""
    if os.geteuid() != 0:
        return RightsMissing("The lab cannot run: it boots hosts, which takes root", hint="run the tests as root")
    path = with_sbin(env)["PATH"]
    absent = [program for program in PROGRAMS if shutil.which(program, path=path) is None]
    if absent:
        packages = " ".join(sorted({PROGRAMS[program] for program in absent}))
        return ProgramsMissing(f"The lab cannot run: no {', '.join(absent)} here", hint=f"apt install {packages}")
    return _rights_missing(env)


def _rights_missing(env: Mapping[str, str]) -> LabMissing | None:
    hint = "in a container it needs --privileged; or use a virtual machine"
    groups = _hierarchy()
    if groups is None:
        return RightsMissing("The lab cannot run: there are no control groups of version 2 here", hint=hint)
    command = [
        "unshare",
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        "-c",
        TRIAL,
        "trial",
        f"{groups}/csl0-{os.getpid()}",
    ]
    try:
        tried = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=TRIAL_S,
            check=False,
            env=with_sbin(env),
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return RightsMissing(f"The lab cannot run: trying took over {TRIAL_S:.0f} s", hint=hint)
    if tried.returncode == 0:
        return None
    said = tried.stdout.strip() or tried.stderr.strip()
    return RightsMissing(f"The lab cannot run: this machine does not let it {said}", hint=hint)


def _hierarchy() -> str | None:
    """Where control groups of version 2 are mounted."""
    with open("/proc/self/mounts") as mounts:  # noqa: PTH123 (a file of the kernel, not a path to reckon with)
        places = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    return places[0] if places else None
