"""A plan carried out, step by step. Whatever is cut between two steps, the next plan goes on from there."""

import pwd
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from station.errors import StationError
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.machine import folders, people, starting
from station.hosts.machine.retiring import retire
from station.hosts.machine.secrets import make_secret, the_same_elsewhere
from station.hosts.machine.writing import keep_aside, mend, put, take_away
from station.hosts.rendering.accounts import SYSUSERS, TMPFILES
from station.hosts.rendering.change import Change
from station.hosts.rendering.files import SYSTEM_UNITS, USER_UNITS, HostFiles
from station.hosts.rendering.found import Found
from station.hosts.rendering.memory import digest
from station.hosts.rendering.place import apps_of
from station.hosts.rendering.unit_changes import may_start

ASIDE = Path("/var/lib/station/aside")


@dataclass(frozen=True)
class Doing:
    """One run: what should be there, what was found, and what there is to do about it."""

    fleet: Fleet
    host: Host
    wanted: HostFiles
    found: Found
    changes: Sequence[Change]
    now: datetime
    tell: Callable[[str], None]

    def of(self, kind: str, *actions: str) -> list[Change]:
        return [one for one in self.changes if one.kind == kind and (not actions or one.action in actions)]

    @property
    def aside(self) -> Path:
        return ASIDE / f"{self.now:%Y%m%dT%H%M%SZ}"


def carry_out(doing: Doing, tools: Callable[[], list[str]]) -> tuple[list[str], list[str]]:
    """Do all of it: what failed and kept nothing else from being done, and what there is to know.

    StationError when something failed that all the rest needs; what is done by then stays.
    """
    notes: list[str] = []
    troubles = _accounts(doing)
    _folders(doing)
    notes += _secrets(doing)
    troubles += _gone_units(doing)
    notes += _files(doing)
    troubles += _retired(doing)
    systemctl.act("daemon-reload")
    starting.enable(_names(doing, "enable"), _names(doing, "enable", for_users=True))
    troubles += _users(doing)
    try:
        notes += [f"installed: {tool}" for tool in tools()]
    except StationError as why:
        troubles.append(f"{why.message}. {why.hint}".rstrip(". "))
    troubles += _run(doing)
    return troubles, notes


def _accounts(doing: Doing) -> list[str]:
    """systemd's tool before ours: a group is there before somebody joins it."""
    accounts = {one.name: one for one in doing.wanted.accounts}
    _put(doing, SYSUSERS)
    if doing.of("group") or doing.of("user", "add"):
        doing.tell("making users and groups")
        people.make_accounts()
    troubles: list[str] = []
    for change in doing.of("user"):
        account = accounts[change.name]
        if account.person:
            people.make_person(account)
        elif change.action == "change":
            there = doing.found.users[change.name]
            troubles += _try(partial(people.mend_user, account, there.home, there.shell))
    for change in doing.of("members"):
        joins, leaves = ([one[2:] for one in change.detail if one[0] == sign] for sign in "+-")
        troubles += _try(partial(people.mend_members, change.name, joins, leaves))
    return troubles


def _folders(doing: Doing) -> None:
    _put(doing, TMPFILES)
    changed = {change.name: doing.wanted.folders[change.name] for change in doing.of("folder")}
    if changed:
        doing.tell(f"making and mending folders: {len(changed)}")
        folders.make_folders(changed)


def _secrets(doing: Doing) -> Iterator[str]:
    needed = {one.path: one for one in doing.wanted.needed}
    made = []
    for change in doing.of("secret"):
        one = needed[change.name]
        if change.action == "change":
            mend(Path(one.path), one)
        elif one.made == "generate":
            make_secret(one)
            made.append(one.path)
    yield from the_same_elsewhere(doing.fleet, doing.host, made)


def _gone_units(doing: Doing) -> list[str]:
    """Units that nobody wants any more are ended before their files go: then systemd could not any more."""
    files = [change.name for change in doing.of("file", "remove")]
    units = [Path(path).name for path in files if path.startswith(f"{SYSTEM_UNITS}/")]
    if units:
        doing.tell(f"ending what is wanted no more: {', '.join(units)}")
    starting.disable([], _names(doing, "disable", for_users=True))
    # what starts others goes first
    order = (".timer", ".automount", ".socket", ".service")
    named = {*units, *_names(doing, "disable")}
    return starting.end(sorted(named, key=lambda unit: [not unit.endswith(end) for end in order]))


def _files(doing: Doing) -> Iterator[str]:
    names = [change.name for change in doing.of("file", "add", "change")]
    if names:
        doing.tell(f"writing files: {len(names)}")
    for path in names:
        if path not in (SYSUSERS, TMPFILES):
            _put(doing, path)
    for change in doing.of("file", "remove"):
        if change.detail:  # somebody changed it: what was written there is not thrown away
            keep_aside(Path(change.name), doing.aside, copy=True)
        take_away(Path(change.name))
    if doing.aside.is_dir():
        yield f"what stood in place of our files is kept in {doing.aside}"


def _put(doing: Doing, path: str) -> None:
    """Write the file if it differs; mend it if only its rights do. What we did not write is kept aside."""
    file = doing.wanted.files[path]
    if not any(change.name == path for change in doing.of("file", "add", "change")):
        return
    there, place = doing.found.paths.get(path), Path(path)
    if there is not None and there.kind != "file":
        keep_aside(place, doing.aside)
    elif there is not None and there.text == file.text.encode():
        mend(place, file)
        return
    elif there is not None and doing.found.remembered.files.get(path) != digest(there.text or b""):
        keep_aside(place, doing.aside, copy=True)
    put(place, file.text.encode(), file)


def _retired(doing: Doing) -> list[str]:
    troubles: list[str] = []
    for change in doing.of("unit", "retire"):
        doing.tell(f"retiring {change.name}")
        troubles += retire(change.name, doing.now)
    return troubles


def _users(doing: Doing) -> list[str]:
    """The units of people: their systemd reads what changed, if it runs."""
    for change in doing.of("linger"):
        starting.stay(change.name)
    units = [Path(one.name).name for one in doing.of("file", "change") if one.name.startswith(USER_UNITS)]
    if not units:
        return []
    devs = [place.app.dev.user for place in apps_of(doing.fleet, doing.host) if place.app.dev is not None]
    here = [user for user in dict.fromkeys(devs) if Path(f"/run/user/{pwd.getpwnam(user).pw_uid}/systemd").is_dir()]
    return starting.read_again_for(here, units)


def _run(doing: Doing) -> list[str]:
    """Start what should run and does not, and restart what runs on as it was."""
    troubles: list[str] = []
    again = _names(doing, "restart")
    if again:
        doing.tell(f"restarting {', '.join(again)}")
        troubles += starting.restart(again, doing.wanted)
    asked = [*_names(doing, "enable"), *_names(doing, "start")]
    states = systemctl.states(asked)
    found = replace(doing.found, states=states)
    units = [unit for unit in asked if may_start(doing.wanted, found, unit)]
    if units:
        doing.tell(f"starting {', '.join(units)}")
        starting.start(units)
    return troubles


def _names(doing: Doing, action: str, *, for_users: bool = False) -> list[str]:
    return [one.name for one in doing.of("unit", action) if (one.detail == ("for users",)) is for_users]


def _try(step: Callable[[], None]) -> list[str]:
    try:
        step()
    except StationError as why:
        return [f"{why.message}. {why.hint}"]
    return []
