"""Folders: systemd-tmpfiles makes and mends them; what is in the way is kept aside, and what lies in a developers'
folder already becomes theirs."""

import grp
import os
import stat
from pathlib import Path

from station.hosts.machine.programs import run
from station.hosts.machine.writing import keep_aside
from station.hosts.rendering.accounts import TMPFILES
from station.hosts.rendering.files import Folder

_ACL = "system.posix_acl_default"
_SAFELY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # never through a link that somebody puts there


def make_folders(folders: dict[str, Folder], aside: Path) -> None:
    """Every folder of the rendered file, as it should be. `folders`: those that are not."""
    for path in folders:
        place = Path(path)
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            keep_aside(place, aside)
    run(["systemd-tmpfiles", "--create", TMPFILES])
    for path, folder in folders.items():
        if folder.inherited:
            hand_down(Path(path), folder.group)


def hand_down(top: Path, group: str) -> None:
    """What was there before the folder had its access list: the group may write it, and what comes in it inherits."""
    inherited, gid = os.getxattr(top, _ACL), grp.getgrnam(group).gr_gid
    for _, folders, files, at in os.fwalk(top):
        for name in (*folders, *files):
            try:
                handle = os.open(name, _SAFELY, dir_fd=at)
            except OSError:  # a link, or something that only its own programs can open
                continue
            try:
                _open_to(handle, gid, inherited)
            finally:
                os.close(handle)


def _open_to(handle: int, group: int, inherited: bytes) -> None:
    about = os.fstat(handle)
    mode = stat.S_IMODE(about.st_mode)
    os.fchown(handle, -1, group)
    if stat.S_ISDIR(about.st_mode):
        os.fchmod(handle, mode | 0o2070)
        os.setxattr(handle, _ACL, inherited)
    elif stat.S_ISREG(about.st_mode):
        os.fchmod(handle, mode | (0o070 if mode & 0o100 else 0o060))
