"""What an earlier rendering left on a host: which files may be removed again, and how all was when it was left. Pure.

The list lies in /var/lib/station/rendered.json, 0600, and is written last, after everything in it is there:

    {"version": 1, "files": {PATH: SHA-256 of the text, ...}, "enabled": [UNIT, ...],
     "applied": {what the host had then: files, folders, accounts, ...}, "apps": {APP: {what is there for it alone}}}

A file that is not in the list was not made by us and is never removed. One that is in it with another SHA-256 was
changed by hand since. Of files with secrets the text is not kept.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from station.errors import StationError
from station.hosts.rendering.files import Account, File, Folder, HostFiles, Needed

PLACE = "/var/lib/station/rendered.json"
VERSION = 1


@dataclass(frozen=True)
class Share:
    """What a host has for one app and for nothing else: paths, units, users."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    for_users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    linger: tuple[str, ...] = ()

    def without(self, whole: HostFiles) -> HostFiles:
        """What is left of the whole when this is gone."""
        return replace(
            whole,
            files={path: file for path, file in whole.files.items() if path not in self.files},
            folders={path: folder for path, folder in whole.folders.items() if path not in self.folders},
            needed=tuple(one for one in whole.needed if one.path not in self.secrets),
            enable=tuple(unit for unit in whole.enable if unit not in self.units),
            for_users=tuple(unit for unit in whole.for_users if unit not in self.for_users),
            accounts=tuple(one for one in whole.accounts if one.name not in self.accounts),
            linger=tuple(user for user in whole.linger if user not in self.linger),
        )


@dataclass(frozen=True)
class Memory:
    """Path to SHA-256, and the units that were enabled. `applied`: all that the host should have had then."""

    files: Mapping[str, str] = field(default_factory=dict)
    enabled: tuple[str, ...] = ()
    applied: HostFiles = field(default_factory=HostFiles)
    apps: Mapping[str, Share] = field(default_factory=dict)


def memory_of(wanted: HostFiles, apps: Mapping[str, Share] | None = None) -> Memory:
    """What there is to remember once everything wanted is there."""
    files = {path: digest(file.text.encode()) for path, file in wanted.files.items()}
    return Memory(files, wanted.enable, _closed(wanted), dict(apps or {}))


def forgotten(memory: Memory, app: str, its: Share, changed: Mapping[str, File]) -> Memory:
    """The memory without that app; other files that `changed` for it are as they now are."""
    files = {path: known for path, known in memory.files.items() if path not in its.files}
    files |= {path: digest(file.text.encode()) for path, file in changed.items()}
    applied = its.without(memory.applied)
    applied = replace(applied, files={**applied.files, **changed})
    rest = {name: share for name, share in memory.apps.items() if name != app}
    enabled = tuple(unit for unit in memory.enabled if unit not in its.units)
    return Memory(files, enabled, _closed(applied), rest)


def _closed(files: HostFiles) -> HostFiles:
    """Without the text of files that hold secrets."""
    kept = {path: replace(file, text="") if file.secret else file for path, file in files.files.items()}
    return replace(files, files=kept)


def share(whole: HostFiles, rest: HostFiles) -> Share:
    """What of the whole is not in the rest."""
    return Share(
        tuple(path for path in whole.files if path not in rest.files),
        tuple(path for path in whole.folders if path not in rest.folders),
        tuple(one.path for one in whole.needed if one not in rest.needed),
        tuple(unit for unit in whole.enable if unit not in rest.enable),
        tuple(unit for unit in whole.for_users if unit not in rest.for_users),
        tuple(one.name for one in whole.accounts if one.name not in [other.name for other in rest.accounts]),
        tuple(user for user in whole.linger if user not in rest.linger),
    )


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def written(memory: Memory) -> str:
    """The text of the list."""
    said = {
        "version": VERSION,
        "files": dict(sorted(memory.files.items())),
        "enabled": sorted(memory.enabled),
        "applied": asdict(memory.applied),
        "apps": {name: asdict(its) for name, its in sorted(memory.apps.items())},
    }
    return json.dumps(said, indent=1) + "\n"


def read(text: str) -> Memory:
    """The list that the text is. StationError when it is none, or a later version's."""
    try:
        said = json.loads(text)
        version, files, enabled = said["version"], said["files"], said["enabled"]
        if version != VERSION:
            raise StationError(
                f"{PLACE} cannot be read: it is of version {version}", "Use the station that wrote it, or a newer one"
            )
        return Memory(
            {str(path): str(known) for path, known in files.items()},
            tuple(str(unit) for unit in enabled),
            _host_files(said.get("applied", {})),
            {
                name: Share(**{key: tuple(names) for key, names in its.items()})
                for name, its in said.get("apps", {}).items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        hint = "Move it away: nothing is removed from the host then, and `station plan` shows the rest"
        raise StationError(f"{PLACE} cannot be read: it is no list of rendered files", hint) from why


def _host_files(said: Mapping[str, Any]) -> HostFiles:
    names = ("managed", "enable", "retire", "linger", "for_users")
    return HostFiles(
        files={path: File(**file) for path, file in said.get("files", {}).items()},
        folders={path: Folder(**folder) for path, folder in said.get("folders", {}).items()},
        accounts=tuple(Account(**one) for one in said.get("accounts", [])),
        groups={group: tuple(members) for group, members in said.get("groups", {}).items()},
        needed=tuple(Needed(**one) for one in said.get("needed", [])),
        manifest=str(said.get("manifest", "")),
        **{name: tuple(said.get(name, [])) for name in names},
    )
