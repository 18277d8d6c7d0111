"""What a host should have, as values: files with their modes and owners, folders, accounts, units. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SYSTEM_UNITS = "/etc/systemd/system"
USER_UNITS = "/etc/systemd/user"


@dataclass(frozen=True)
class File:
    """A file's whole text, and whose it is. Of a `secret` one no value is ever shown."""

    text: str
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False


@dataclass(frozen=True)
class Folder:
    """A folder. `inherited`: the default access list that whatever is made in it gets, in the words of setfacl."""

    mode: int
    owner: str = "root"
    group: str = "root"
    inherited: str = ""


@dataclass(frozen=True)
class Account:
    """A user. A `person` has a home and may sign in; as the others, which are made, nobody signs in.

    `required`: somebody's own account, which is neither made nor changed and must be there.
    """

    name: str
    about: str
    home: str
    person: bool = False
    required: bool = False


@dataclass(frozen=True)
class Needed:
    """A secret file, which no manifest holds: made once for the fleet (`generate`) or written by a person (`given`)."""

    path: str
    made: str
    about: str
    mode: int = 0o600
    owner: str = "root"
    group: str = "root"


@dataclass(frozen=True)
class HostFiles:
    """Everything that a host should have. Paths are absolute on the host and sorted.

    `groups` has the members that each must have; a group that is `managed` may have no others. `enable` are units that
    start by themselves, `retire` those that nothing may start any more, `linger` users whose units run without them,
    `for_users` units that start for users. `manifest` is a digest of what the platform's programs read when they start.
    """

    files: Mapping[str, File] = field(default_factory=dict)
    folders: Mapping[str, Folder] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    managed: tuple[str, ...] = ()
    needed: tuple[Needed, ...] = ()
    enable: tuple[str, ...] = ()
    retire: tuple[str, ...] = ()
    linger: tuple[str, ...] = ()
    for_users: tuple[str, ...] = ()
    manifest: str = ""


def together(parts: Iterable[HostFiles]) -> HostFiles:
    """All parts in one, sorted. ValueError when two of them want one path, which is a bug."""
    files: dict[str, File] = {}
    folders: dict[str, Folder] = {}
    groups: dict[str, set[str]] = {}
    accounts: dict[str, Account] = {}
    rest: dict[str, set[str]] = {
        "managed": set(),
        "enable": set(),
        "retire": set(),
        "linger": set(),
        "for_users": set(),
    }
    needed: dict[str, Needed] = {}
    for part in parts:
        twice = [path for path in part.files if path in files]
        twice += [path for path, folder in part.folders.items() if folders.get(path, folder) != folder]
        if twice:
            raise ValueError(f"two parts want {', '.join(twice)}")
        files |= part.files
        folders |= part.folders
        needed |= {one.path: one for one in part.needed}
        for account in part.accounts:
            accounts.setdefault(account.name, account)
        for group, members in part.groups.items():
            groups.setdefault(group, set()).update(members)
        for name, names in rest.items():
            names |= set(getattr(part, name))
    return HostFiles(
        files=dict(sorted(files.items())),
        folders=dict(sorted(folders.items())),
        accounts=tuple(accounts[name] for name in sorted(accounts)),
        groups={group: tuple(sorted(groups[group])) for group in sorted(groups)},
        needed=tuple(needed[path] for path in sorted(needed)),
        manifest="",
        **{name: tuple(sorted(names)) for name, names in rest.items()},
    )
