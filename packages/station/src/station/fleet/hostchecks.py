"""What must hold between the keys that are about machines: one kind, names, places, no open secrets. Pure.

Works on the manifests as read, like `station.fleet.crosschecks`, which calls it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from station.fleet.mistakes import Key, Mistake, key_path, must_exist
from station.fleet.raw import Raw, table, tables, text, texts

TAKEN_USERS = ("root", "station", "bin", "daemon", "nobody", "sys", "www-data")
TAKEN_FOLDERS = (
    "apt",
    "dbus",
    "dhcp",
    "dpkg",
    "logrotate",
    "network",
    "pam",
    "private",
    "python3",
    "ssh",
    "sudo",
    "systemd",
)
DATA_BELOW = ("/home", "/media", "/mnt", "/opt", "/srv", "/var")
OF_THE_SYSTEM = ("/opt/apps", "/opt/venvs", "/var/lib/station", "/var/lib/systemd", "/var/log", "/var/spool")
SECRET = re.compile(r"PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY")
SECRET_OPTIONS = ("cred", "credentials", "pass", "pass2", "password", "password2", "user", "username")
_OF_HOSTS = ("retire", "mounts", "check_every_s")
_OF_APPS = ("user", "services", "files", "datasette", "dev")


class Manifest(Protocol):
    """A manifest file as it was read."""

    @property
    def file(self) -> str: ...
    @property
    def raw(self) -> Raw: ...


def machines(fleet: Raw) -> bool:
    """Whether the fleet's hosts are machines."""
    return any("address" in host for host in tables(fleet, "hosts").values())


def check_machines(fleet: Manifest, apps: Mapping[str, Manifest]) -> Iterator[Mistake]:
    """All mistakes about machines in `fleet` and in the `app.toml` of each app that could be read."""
    yield from _check_kinds(fleet)
    yield from _check_mounts(fleet)
    for name, app in tables(fleet.raw, "apps").items():
        yield from _check_place(fleet, name, app)
        yield from _check_variables(fleet, name, app, apps.get(name))
        yield from _check_helpers(fleet, name, app)
    yield from _check_data(fleet)
    for one in apps.values():
        yield from _check_jobs(one)


def _check_kinds(fleet: Manifest) -> Iterator[Mistake]:
    """Each host is a folder or a machine, and all of them are the same."""
    hosts = tables(fleet.raw, "hosts")
    for name, host in hosts.items():
        key: Key = ("hosts", name)
        if "folder" not in host and "address" not in host:
            right = 'give it a folder, like folder = "../hosts/pi2", or a machine\'s address, like address = "pi2"'
            yield Mistake(fleet.file, key, "is nowhere", right)
        elif "folder" in host and "address" in host:
            yield Mistake(fleet.file, key, "has a folder and an address", "keep the one that it is")
        elif "folder" in host and machines(fleet.raw):
            wrong = "is a folder, and other hosts are machines"
            yield Mistake(fleet.file, (*key, "folder"), wrong, "all hosts of a fleet are folders, or all are machines")
    if machines(fleet.raw):
        return
    alone = [("hosts", name, one) for name, host in hosts.items() for one in _OF_HOSTS if one in host]
    alone += [("apps", name, one) for name, app in tables(fleet.raw, "apps").items() for one in _OF_APPS if one in app]
    for where in alone:
        yield Mistake(fleet.file, where, "is for machines, and these hosts are folders", "take it away")
    if "team" in fleet.raw:
        yield Mistake(fleet.file, ("team",), "is for machines, and these hosts are folders", "take it away")


def _check_mounts(fleet: Manifest) -> Iterator[Mistake]:
    apps = list(table(fleet.raw, "apps"))
    for host, its in tables(fleet.raw, "hosts").items():
        places: dict[str, str] = {}
        for name, mount in tables(its, "mounts").items():
            key: Key = ("hosts", host, "mounts", name)
            app, at = text(mount, "app"), text(mount, "at") or ""
            if app is not None:
                yield from must_exist(fleet.file, (*key, "app"), app, apps, "app")
            if at and at in places:
                yield Mistake(fleet.file, (*key, "at"), f"{places[at]} is there", "give each a folder of its own")
            places.setdefault(at, name)
            for place, option in enumerate(texts(mount, "options")):
                if option.partition("=")[0] in SECRET_OPTIONS:
                    right = f"write it into /etc/station/cifs/{name} on the machine"
                    yield Mistake(fleet.file, (*key, "options", place), f'names "{option.partition("=")[0]}"', right)


def _check_place(fleet: Manifest, name: str, app: Raw) -> Iterator[Mistake]:
    key: Key = ("apps", name)
    if name in TAKEN_FOLDERS and machines(fleet.raw):
        yield Mistake(fleet.file, key, f"/etc/{name} and /var/lib/{name} are the system's", "take another name")
    user, data = text(app, "user"), text(table(app, "files"), "data")
    if user in TAKEN_USERS:
        wrong = f'"{user}" is a user of the system or the platform'
        yield Mistake(fleet.file, (*key, "user"), wrong, f"take any name but {', '.join(TAKEN_USERS)}")
    if user and user in texts(table(fleet.raw, "team"), "members") and not _at_home(app):
        wrong, right = f'"{user}" is a developer, who may not write its data', "take a user that nobody signs in as"
        yield Mistake(fleet.file, (*key, "user"), wrong, right)
    if data and data.startswith("/") and not _may_hold_data(Path(data)):
        right = f"must be a folder below {', '.join(DATA_BELOW)}"
        yield Mistake(fleet.file, (*key, "files", "data"), f'is "{data}"', right)


def _may_hold_data(folder: Path) -> bool:
    """Whether a service that may write there can harm nobody else."""
    below = any(folder.is_relative_to(top) and folder != Path(top) for top in DATA_BELOW)
    return below and not any(Path(own).is_relative_to(folder) or folder.is_relative_to(own) for own in OF_THE_SYSTEM)


def _at_home(app: Raw) -> bool:
    """Whether the app lives in a person's home: then it runs as that person."""
    return any(path.startswith("/home/") for path in table(app, "files").values() if isinstance(path, str))


def _check_data(fleet: Manifest) -> Iterator[Mistake]:
    """No app's data folder is another's, or lies in it."""
    places: dict[str, Path] = {}
    for name, app in tables(fleet.raw, "apps").items():
        folder = Path(text(table(app, "files"), "data") or f"/var/lib/{name}")
        for other, taken in places.items():
            if folder.is_relative_to(taken) or taken.is_relative_to(folder):
                wrong = f"{folder} meets {taken}, the data of {key_path(('apps', other))}"
                yield Mistake(fleet.file, ("apps", name, "files", "data"), wrong, "give each a folder of its own")
        places[name] = folder


def _check_variables(fleet: Manifest, name: str, app: Raw, own: Manifest | None) -> Iterator[Mistake]:
    databases = tables(own.raw, "databases") if own else {}
    handed_over = {text(its, "env") or "DATABASE_PATH" for its in databases.values()} | {
        *("BIND", "CREDENTIALS_DIRECTORY", "DATA_PATH", "HOST_NAME", "PATH", "PORT")
    }
    for variable in table(app, "environment"):
        key: Key = ("apps", name, "environment", variable)
        if variable in handed_over:
            yield Mistake(fleet.file, key, "the platform sets it", "take it away")
        elif SECRET.search(variable):
            yield Mistake(
                fleet.file, key, "has the name of a secret", "secrets are files: name it under [secrets] of app.toml"
            )
    if own is not None:
        for process in table(app, "services"):
            known = [*tables(own.raw, "processes"), *table(app, "processes")]
            yield from must_exist(fleet.file, ("apps", name, "services", process), process, known, "process")


def _check_helpers(fleet: Manifest, name: str, app: Raw) -> Iterator[Mistake]:
    """Datasette and the developer's instance."""
    key: Key = ("apps", name)
    host = text(table(app, "datasette"), "host")
    if host is not None:
        mine = [one for one in (text(app, "primary"), *texts(app, "standby")) if one]
        yield from must_exist(fleet.file, (*key, "datasette", "host"), host, mine, f"host|of {name}")
    user = text(table(app, "dev"), "user")
    if user is not None:
        members = texts(table(fleet.raw, "team"), "members")
        yield from must_exist(fleet.file, (*key, "dev", "user"), user, members, "member of the team|")


def _check_jobs(app: Manifest) -> Iterator[Mistake]:
    processes = tables(app.raw, "processes")
    for name, job in tables(app.raw, "jobs").items():
        key: Key = ("jobs", name)
        if ("at" in job) == ("every_s" in job):
            wrong = "has both at and every_s" if "at" in job else "never runs"
            yield Mistake(app.file, key, wrong, 'give it one of at, like at = "02:05", and every_s, like every_s = 900')
        elif "day" in job and "every_s" in job:
            yield Mistake(app.file, (*key, "day"), "goes with at", "take it away, or write at in place of every_s")
        if name in processes:
            yield Mistake(app.file, key, "a process has that name", "give one of the two another name")
