"""Folders: systemd-tmpfiles makes and mends them; what lies in them already is given to those whose they are."""

import grp
import os
import pwd
import stat
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from station.hosts.machine.programs import run
from station.hosts.rendering.accounts import TMPFILES
from station.hosts.rendering.files import Folder

_ACL = "system.posix_acl_default"
_SAFELY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # never through a link that somebody puts there
_TAGS = {("user", False): 0x01, ("group", False): 0x04, ("group", True): 0x08, ("mask", False): 0x10}
_OTHER, _NOBODY = 0x20, 2**32 - 1


def make_folders(changed: Mapping[str, Folder]) -> None:
    """Every folder of the rendered file, as it should be. `changed`: those that are not, and what lies in them.

    What lies in them comes first: cut in between, the folder itself is still to be mended.
    """
    for path, folder in changed.items():
        place = Path(path)
        if not place.is_dir() or folder.owner == "root":
            continue
        if folder.inherited:
            hand_down(place, folder)
        elif place.owner() != folder.owner:
            hand_over(place, folder)
    run(["systemd-tmpfiles", "--create", TMPFILES])


def hand_down(top: Path, folder: Folder) -> None:
    """The group may write whatever lies in it, and what comes inherits that."""
    inherited, group = packed(folder.inherited), grp.getgrnam(folder.group).gr_gid

    def open_to(handle: int) -> None:
        about = os.fstat(handle)
        mode = stat.S_IMODE(about.st_mode)
        os.fchown(handle, -1, group)
        if stat.S_ISDIR(about.st_mode):
            os.fchmod(handle, mode | 0o2070)
            os.setxattr(handle, _ACL, inherited)
        elif stat.S_ISREG(about.st_mode):
            os.fchmod(handle, mode | (0o070 if mode & 0o100 else 0o060))

    _each(top, open_to)


def hand_over(top: Path, folder: Folder) -> None:
    """Whatever lies in it is the new owner's, who could not write it otherwise. Modes stay."""
    user, group = pwd.getpwnam(folder.owner).pw_uid, grp.getgrnam(folder.group).gr_gid
    _each(top, lambda handle: os.fchown(handle, user, group))


def packed(inherited: str) -> bytes:
    """The access list as the kernel keeps it, of the words of setfacl."""
    entries = []
    for entry in inherited.split(","):
        kind, name, letters = entry.split(":")
        tag = _OTHER if kind == "other" else _TAGS[kind, bool(name)]
        rights = sum(bit for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if letter in letters)
        entries.append((tag, rights, grp.getgrnam(name).gr_gid if name else _NOBODY))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries))


def _each(top: Path, do: Callable[[int], None]) -> None:
    for _, folders, files, at in os.fwalk(top):
        for name in (*folders, *files):
            try:
                handle = os.open(name, _SAFELY, dir_fd=at)
            except OSError:  # a link, or something that only its own programs can open
                continue
            try:
                do(handle)
            finally:
                os.close(handle)
