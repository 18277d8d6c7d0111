"""Who may do what: nobody signs in as an app, developers change code, and only the app's user reaches its data."""

import grp
import pwd
from collections.abc import Iterator
from pathlib import Path

from station.hosts.asuser import as_user, python
from station.hosts.doctor.check import Said, failed, ok, warning
from station.hosts.doctor.here import Here
from station.hosts.rendering.place import Place

_ACCESS_S = 4.0
_NO_LOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false")
_MAY = """
import os, sys
for path in sys.argv[1:]:
    print(int(os.access(path, os.R_OK)), int(os.access(path, os.W_OK)))
"""


def no_login(here: Here) -> Iterator[Said]:
    """Nobody can sign in as the user of an app: it has no shell and no password.

    By hand: getent passwd ctvbooked

    Remedy: usermod --shell /usr/sbin/nologin --lock USER
    """
    for account in here.wanted.accounts:
        if account.person:
            continue
        try:
            there = pwd.getpwnam(account.name)
        except KeyError:
            yield failed(account.name, "there is no such user", f"station apply {here.host.name}")
            continue
        if there.pw_shell not in _NO_LOGIN:
            remedy = f"usermod --shell /usr/sbin/nologin {account.name}"
            yield failed(account.name, f"has the shell {there.pw_shell}", remedy)
        elif here.is_root and _has_password(account.name):
            yield failed(account.name, "has a password", f"usermod --lock {account.name}")
        else:
            yield ok(account.name, f"signs in nowhere: {there.pw_shell}, no password")


def developers(here: Here) -> Iterator[Said]:
    """The developers are in their one group, and nobody else; nor is one in the group of an app's data or of the page.

    By hand: id daseme

    Remedy: station apply HOST
    """
    team = here.fleet.team
    fix = f"station apply {here.host.name}"
    there = _members(team.group)
    if there is None:
        yield failed(team.group, "there is no such group", fix)
        return
    missing, odd = sorted(set(team.members) - there), sorted(there - set(team.members))
    if missing:
        yield failed(team.group, f"{', '.join(missing)} not in it, and cannot change code", fix)
    if odd:
        yield failed(team.group, f"{', '.join(odd)} in it, and not in `members`", fix)
    if not missing and not odd:
        yield ok(team.group, f"holds {', '.join(team.members) or 'nobody'}, as the manifest says")
    closed = {place.app.account for place in here.places if not place.at_home} | {"station"}
    for group in sorted(closed):
        for member in sorted((_members(group) or set()) & set(team.members)):
            yield failed(
                group, f"{member} is in it, and so reads what is not for developers", f"gpasswd -d {member} {group}"
            )


def data_is_closed(here: Here) -> Iterator[Said]:
    """Developers can neither read nor write production data, and can change code: tried as each of them.

    By hand: sudo -u daseme touch /var/lib/ctv-bookedbiz-db/x

    Remedy: station apply HOST
    """
    for place in here.places:
        for member in here.fleet.team.members:
            if member != place.app.account and _exists(member):
                yield from _tried(here, place, member)


def _tried(here: Here, place: Place, member: str) -> Iterator[Said]:
    databases = [path for path in _databases(place) if path.exists()]
    paths = [place.data, *databases, place.code]
    ended = as_user(member, python(_MAY, *paths), within_s=_ACCESS_S)
    rights = [tuple(word == "1" for word in line.split()) for line in ended.out.splitlines()]
    if len(rights) != len(paths):
        yield failed(place.app.name, f"{member} cannot run a program: {ended.last_line}", f"id {member}")
        return
    fix = f"station apply {here.host.name}"
    *data, (_, changes_code) = rights
    open_to = [(path, writes) for path, (reads, writes) in zip(paths, data, strict=False) if reads or writes]
    for path, writes in open_to[:1]:
        yield failed(place.app.name, f"{member} can {'write' if writes else 'read'} {path}", fix)
    if place.code.exists() and not changes_code and not place.at_home:
        yield warning(place.app.name, f"{member} cannot change the code in {place.code}", fix)
    elif not open_to:
        yield ok(place.app.name, f"{member} cannot reach the data in {place.data}")


def _databases(place: Place) -> list[Path]:
    return [place.host.paths.database(place.app.name, each) for each in place.app.databases.values()]


def _members(group: str) -> set[str] | None:
    """Who is in it, whether as a further group or as the first one."""
    try:
        found = grp.getgrnam(group)
    except KeyError:
        return None
    first = {user.pw_name for user in pwd.getpwall() if user.pw_gid == found.gr_gid and user.pw_name != group}
    return set(found.gr_mem) | first


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _has_password(user: str) -> bool:
    for line in Path("/etc/shadow").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if name == user:
            return not rest.split(":")[0].startswith(("!", "*"))
    return False
