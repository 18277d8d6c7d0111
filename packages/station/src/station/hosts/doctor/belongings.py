"""Modes and owners of what an app has: code, environments, data, variables, secrets; and no environment in the code."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from station.hosts.doctor.check import Said, failed, ok
from station.hosts.doctor.here import Here
from station.hosts.rendering.files import File, Folder, Needed
from station.hosts.rendering.found import FoundFile, look

_DEEP = 4  # below /opt/apps: APP/releases/ID/FOLDER
_MOST = 20_000
_PASSED = {".git", "node_modules", "site-packages", "__pycache__"}


def rights(here: Here) -> Iterator[Said]:
    """Every file and folder that the manifest gives an owner and a mode has them: code, data, variables, units.

    By hand: stat -c "%U:%G %a %n" /opt/apps/ctv-bookedbiz-db

    Remedy: station apply HOST
    """
    wanted = here.wanted
    found = look(wanted, Path("/")).paths
    things: list[tuple[str, File | Folder]] = [*wanted.files.items(), *wanted.folders.items()]
    wrong = [(path, told) for path, each in things if path in found and (told := _differing(found[path], each))]
    for path, told in wrong:
        yield failed(path, f"{told}", f"station apply {here.host.name}")
    if not wrong:
        yield ok(
            "", f"{sum(path in found for path, _ in things)} files and folders have the mode and the owner they shall"
        )


def secrets(here: Here) -> Iterator[Said]:
    """Every secret is there, is not empty, and can be read by root alone.

    Remedy: station apply HOST makes those that can be made; the others a person has to write
    """
    found = look(here.wanted, Path("/")).paths
    good = 0
    for one in here.wanted.needed:
        there = found.get(one.path)
        if there is None or not there.text:
            state = "is missing" if there is None else "is empty"
            remedy = (
                f"station apply {here.host.name}" if one.made == "generate" else f"write it, 0600, root: {one.about}"
            )
            yield failed(one.path, f"{state}; it is for {one.about}", remedy)
        elif told := _differing(there, one):
            mend = f"chown {one.owner}:{one.group} {one.path}; chmod {one.mode:04o} {one.path}"
            yield failed(one.path, told, mend)
        else:
            good += 1
    if good:
        yield ok("", f"{good} are there, for root alone")


def data_owner(here: Here) -> Iterator[Said]:
    """All data of an app are its own user's, down to the last file, and no others may write to them.

    By hand: ls -l /var/lib/ctv-bookedbiz-db/production.db

    Remedy: chown USER:USER FILE
    """
    for place in here.places:
        user = place.app.account
        seen, odd = 0, list[str]()
        for path, about in _below(place.data):
            seen += 1
            if seen > _MOST:
                break
            told = _odd(about, user)
            if told:
                odd.append(f"{path} {told}")
        if odd:
            more = f", and {len(odd) - 1} more" if len(odd) > 1 else ""
            remedy = f"chown -R {user}:{user} {place.data}; chmod -R o-w {place.data}"
            yield failed(place.app.name, f"{odd[0]}{more}", remedy)
        elif not place.data.is_dir():
            yield failed(place.app.name, f"there is no {place.data}", f"station apply {here.host.name}")
        else:
            yield ok(place.app.name, f"{seen} files and folders in {place.data} are {user}'s")


def no_venv_in_code(here: Here) -> Iterator[Said]:
    """There is no virtual environment among the code: what runs is in /opt/venvs alone.

    By hand: find /opt/apps -name .venv

    Remedy: rm -r FOLDER
    """
    base = Path("/opt/apps")
    found = [path for path in _folders(base, _DEEP) if (path / "pyvenv.cfg").exists() or path.name == ".venv"]
    for path in found:
        yield failed(str(path), "a virtual environment among the code", f"rm -r {path}")
    if not found:
        yield ok("", f"there is none below {base}" if base.is_dir() else f"there is no {base}")


def _differing(there: FoundFile, should: File | Folder | Needed) -> str:
    told = []
    if there.mode != should.mode:
        told.append(f"has mode {there.mode:04o} instead of {should.mode:04o}")
    if (there.owner, there.group) != (should.owner, should.group):
        told.append(f"is {there.owner}:{there.group}'s instead of {should.owner}:{should.group}'s")
    return " and ".join(told)


def _odd(about: os.stat_result, user: str) -> str:
    import pwd  # noqa: PLC0415

    try:
        wanted = pwd.getpwnam(user).pw_uid
    except KeyError:
        return f"should be {user}'s, and there is no such user"
    if about.st_uid != wanted:
        return f"is not {user}'s but of user {about.st_uid}"
    if about.st_mode & stat.S_IWOTH and not stat.S_ISLNK(about.st_mode):
        return "can be written by everybody"
    return ""


def _below(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for top, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(top, name)  # noqa: PTH118 - thousands of them
            try:
                yield path, os.lstat(path)
            except FileNotFoundError:
                continue


def _folders(base: Path, deep: int) -> Iterator[Path]:
    if deep == 0 or not base.is_dir():
        return
    for each in sorted(base.iterdir()):
        if each.is_dir() and not each.is_symlink() and each.name not in _PASSED:
            yield each
            if not (each / "pyvenv.cfg").exists():
                yield from _folders(each, deep - 1)
