"""What is there on a machine, or below a folder that holds a machine's files: only what a rendering asks for. Reads."""

import os
import stat
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl
from station.hosts.rendering import memory
from station.hosts.rendering import pending as cut_off
from station.hosts.rendering.files import SYSTEM_UNITS, USER_UNITS, HostFiles

_ACL = "system.posix_acl_default"
_TAGS = {0x01: "user", 0x02: "user", 0x04: "group", 0x08: "group", 0x10: "mask", 0x20: "other"}
_NAMED = (0x02, 0x08)
_MODE = 0o7777
_BOOTED = Path("/run/systemd/system")
_DROP_INS = ("/etc/systemd/system", "/etc/systemd/system.control", "/run/systemd/system", "/run/systemd/system.control")


@dataclass(frozen=True)
class FoundFile:
    """`text` None: it is no file (`kind` says what it is)."""

    text: bytes | None
    mode: int
    owner: str
    group: str
    kind: str = "file"
    inherited: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FoundUser:
    home: str
    shell: str


@dataclass(frozen=True)
class Found:
    """What is at each path that was asked for (not in it: nothing is), and who and what is there.

    `states`: how the units are, where systemd runs; elsewhere nothing is known of them. `drop_ins`: what somebody added
    to a unit of ours. `homeless`: users whose home is not there.
    """

    paths: Mapping[str, FoundFile] = field(default_factory=dict)
    users: Mapping[str, FoundUser] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    linger: frozenset[str] = frozenset()
    remembered: memory.Memory = field(default_factory=memory.Memory)
    pending: cut_off.Pending = field(default_factory=cut_off.Pending)
    states: Mapping[str, systemctl.UnitState] = field(default_factory=dict)
    drop_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    homeless: frozenset[str] = frozenset()


def look(wanted: HostFiles, root: Path) -> Found:
    """What the machine whose files are below `root` has of all that. StationError when we may not look."""
    try:
        return _look(wanted, root)
    except PermissionError as why:
        raise StationError(
            f"{why.filename} cannot be read: {why.strerror}", "Run it as root: only root sees all that a host has"
        ) from why


def _look(wanted: HostFiles, root: Path) -> Found:
    remembered, cut = _remembered(root), _pending(root)
    names = _Names(root)
    asked = [*wanted.files, *wanted.folders, *(one.path for one in wanted.needed), *remembered.files, *cut.files]
    units = [*wanted.enable, *remembered.enabled]
    for_users = {*wanted.for_users, *remembered.applied.for_users}
    paths = {path: found for path in asked if (found := _at(root, path, names)) is not None}
    return Found(
        paths=paths,
        users=names.users,
        groups=names.groups,
        enabled=frozenset([unit for unit in units if _enabled(root, SYSTEM_UNITS, unit)])
        | frozenset(unit for unit in for_users if _enabled(root, USER_UNITS, unit)),
        masked=frozenset(unit for unit in wanted.retire if _masked(root, unit)),
        linger=frozenset(user for user in wanted.linger if _below(root, f"/var/lib/systemd/linger/{user}").exists()),
        remembered=_with_those_of_the_cut(remembered, cut, paths),
        pending=cut,
        states=_states(wanted, remembered, root),
        drop_ins={unit: added for unit in _ours(wanted) if (added := tuple(_added(root, unit)))},
        homeless=frozenset(
            user.name
            for user in wanted.accounts
            if (there := names.users.get(user.name)) and user.person and not _below(root, there.home).exists()
        ),
    )


def _ours(wanted: HostFiles) -> list[str]:
    """The units that it has files for, templates too."""
    return [path.rpartition("/")[2] for path in wanted.files if path.startswith(f"{SYSTEM_UNITS}/")]


def _states(wanted: HostFiles, remembered: memory.Memory, root: Path) -> Mapping[str, systemctl.UnitState]:
    """How the units are, if these are the files of the machine that we run on and systemd runs here."""
    if root != Path("/") or not _BOOTED.is_dir():
        return {}
    asked = {*wanted.enable, *wanted.retire, *_ours(wanted), *_ours(remembered.applied)}
    return systemctl.states(sorted(unit for unit in asked if "@." not in unit))


def _added(root: Path, unit: str) -> Iterator[str]:
    for folder in _DROP_INS:
        yield from sorted(
            f"{folder}/{unit}.d/{each.name}" for each in _below(root, f"{folder}/{unit}.d").glob("*.conf")
        )


def _with_those_of_the_cut(
    remembered: memory.Memory, cut: cut_off.Pending, paths: Mapping[str, FoundFile]
) -> memory.Memory:
    """What an apply that was cut had written already is ours, though the list does not have it yet."""
    there = {path: found.text for path in cut.files if (found := paths.get(path)) and found.text is not None}
    new = {path: cut.files[path] for path, text in there.items() if memory.digest(text) == cut.files[path]}
    return replace(remembered, files={**remembered.files, **new})


def _pending(root: Path) -> cut_off.Pending:
    place = _below(root, cut_off.PLACE)
    return cut_off.read(place.read_text(encoding="utf-8")) if place.exists() else cut_off.Pending()


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _remembered(root: Path) -> memory.Memory:
    place = _below(root, memory.PLACE)
    return memory.read(place.read_text(encoding="utf-8")) if place.exists() else memory.Memory()


def _at(root: Path, path: str, names: "_Names") -> FoundFile | None:
    place = _below(root, path)
    try:
        about = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    mode, owner, group = about.st_mode & _MODE, names.user(about.st_uid), names.group(about.st_gid)
    if stat.S_ISREG(about.st_mode):
        return FoundFile(place.read_bytes(), mode, owner, group)
    if stat.S_ISDIR(about.st_mode):
        return FoundFile(None, mode, owner, group, "folder", frozenset(_inherited(place, names)))
    return FoundFile(None, mode, owner, group, "link" if stat.S_ISLNK(about.st_mode) else "something else")


def _inherited(folder: Path, names: "_Names") -> Iterator[str]:
    """The default access list, an entry each, as `setfacl` would be told."""
    try:
        raw = os.getxattr(folder, _ACL)
    except OSError:  # none, or the file system has no such lists
        return
    for tag, rights, who in struct.iter_unpack("<HHI", raw[4:]):
        name = ""
        if tag in _NAMED:
            name = names.user(who) if _TAGS[tag] == "user" else names.group(who)
        letters = "".join(right if rights & bit else "-" for right, bit in (("r", 4), ("w", 2), ("x", 1)))
        yield f"{_TAGS[tag]}:{name}:{letters}"


def _enabled(root: Path, folder: str, unit: str) -> bool:
    """Whether a target wants it; a template or a link to elsewhere does not count."""
    wants = _below(root, folder).glob("*.wants")
    return any(_there(target / unit) for target in wants)  # what the link leads to is named from /, not from below root


def _there(place: Path) -> bool:
    return place.is_symlink() or place.exists()


def _masked(root: Path, unit: str) -> bool:
    place = _below(root, f"{SYSTEM_UNITS}/{unit}")
    return place.is_symlink() and str(place.readlink()) == "/dev/null"


class _Names:
    """Users and groups of the machine, by its own files: below another root ours have no meaning."""

    def __init__(self, root: Path) -> None:
        users = [line for line in _table(root, "passwd") if len(line) > 6]
        groups = [line for line in _table(root, "group") if len(line) > 3]
        self.users = {line[0]: FoundUser(line[5], line[6]) for line in users}
        self._users = {line[2]: line[0] for line in reversed(users)}
        self._groups = {line[2]: line[0] for line in reversed(groups)}
        primary: dict[str, list[str]] = {}
        for line in users:
            primary.setdefault(line[3], []).append(line[0])
        self.groups = {
            line[0]: tuple(sorted({*filter(None, line[3].split(",")), *primary.get(line[2], [])})) for line in groups
        }

    def user(self, number: int) -> str:
        return self._users.get(str(number), str(number))

    def group(self, number: int) -> str:
        return self._groups.get(str(number), str(number))


def _table(root: Path, name: str) -> list[list[str]]:
    try:
        text = (root / "etc" / name).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.split(":") for line in text.splitlines() if line and not line.startswith("#")]
