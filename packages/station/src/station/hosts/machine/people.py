"""Users and groups: systemd-sysusers makes those that run programs; people are made here, and their groups mended."""

import os
import pwd
import shutil
from pathlib import Path

from station.hosts.machine.programs import run
from station.hosts.rendering.accounts import SYSUSERS
from station.hosts.rendering.files import Account
from station.hosts.rendering.plan import NO_LOGIN

SKELETON = Path("/etc/skel")
_OPEN = 0o750


def make_accounts() -> None:
    """Every user and group that the rendered file names and the machine has not."""
    run(["systemd-sysusers", SYSUSERS])


def make_person(account: Account) -> None:
    """The account, without a password, if it is missing; and its home, if that is."""
    if not _known(account.name):
        home = ["--home-dir", account.home, "--no-create-home", "--user-group", "--shell", "/bin/bash"]
        run(["useradd", *home, "--comment", account.about, account.name])
    it = pwd.getpwnam(account.name)
    make_home(Path(it.pw_dir), it.pw_uid, it.pw_gid)


def make_home(home: Path, user: int, group: int, skeleton: Path = SKELETON) -> None:
    """The home as a new user has it; it gets its name last, so that it is whole or not there."""
    if home.exists():
        return
    fresh = home.with_name(f".{home.name}.station-new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    if skeleton.is_dir():
        shutil.copytree(skeleton, fresh, symlinks=True, dirs_exist_ok=True)
    fresh.chmod(0o700)
    for folder, folders, files in os.walk(fresh):
        for name in [".", *folders, *files]:
            os.chown(Path(folder, name), user, group, follow_symlinks=False)
    fresh.chmod(_OPEN)
    fresh.rename(home)


def mend_user(account: Account, home: str, shell: str) -> None:
    """Nobody signs in as the user; `home` and `shell` are what it has now."""
    if shell != NO_LOGIN:
        run(["usermod", "--shell", NO_LOGIN, account.name])
    if home != account.home:
        hint = f"usermod does not move the home of a user whose programs run: stop them, and apply again ({home})"
        run(["usermod", "--home", account.home, account.name], hint)


def mend_members(group: str, joins: list[str], leaves: list[str]) -> None:
    """Who joins is in it at the next sign-in; who leaves, keeps what runs already until it ends."""
    for name in joins:
        run(["gpasswd", "--add", name, group])
    for name in leaves:
        hint = f"If {group} is the main group of {name}, give {name} another: `usermod --gid`"
        run(["gpasswd", "--delete", name, group], hint)


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
