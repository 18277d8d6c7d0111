"""What no key can know by itself: names that must exist, ports and folders that must not meet. Pure.

Works on the manifests as read, so that it finds its mistakes even where other keys are wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from station.fleet.commandwords import check_commands
from station.fleet.deploychecks import check_deploy, check_source
from station.fleet.hostchecks import check_machines
from station.fleet.mistakes import Key, Mistake, key_path, must_exist
from station.fleet.portchecks import check_ports, check_units
from station.fleet.raw import Raw, table, tables, text, texts
from station.fleet.storechecks import check_store_kinds

# Names that would meet the platform's own: folders on a host and in a store, variables, units.
TAKEN_APPS = ("agent", "control", "datasette", "station")
TAKEN_DATABASES = ("epochs", "divergence")
TAKEN_PROCESSES = (
    *("copy", "datasette", "dev", "drill", "first-run", "litestream", "migrate", "mirror", "points", "primary"),
    "recover",
)
TAKEN_VARIABLES = ("BIND", "CREDENTIALS_DIRECTORY", "DATA_PATH", "HOME", "HOST_NAME", "PATH", "PORT")


@dataclass(frozen=True)
class Read:
    """A manifest file as it was read."""

    file: str
    path: Path
    raw: Raw


def check_fleet(fleet: Read, apps: Mapping[str, Read]) -> Iterator[Mistake]:
    """All mistakes between keys of `fleet` and of the `app.toml` of each app that could be read."""
    yield from _check_hosts_named(fleet)
    yield from _check_stores_named(fleet)
    yield from check_store_kinds(fleet.file, fleet.raw)
    yield from _check_folders(fleet)
    for name, app in apps.items():
        yield from _check_app(app)
        yield from _check_agreement(fleet, name, app)
    yield from check_ports(fleet, apps)
    yield from check_units(fleet, apps)
    yield from check_machines(fleet, apps)


def _check_hosts_named(fleet: Read) -> Iterator[Mistake]:
    hosts = table(fleet.raw, "hosts")
    host = text(table(fleet.raw, "control"), "host")
    if host is not None:
        yield from must_exist(fleet.file, ("control", "host"), host, list(hosts), "host")
    for name, app in tables(fleet.raw, "apps").items():
        key: Key = ("apps", name)
        yield from _must_be_free(fleet.file, key, name, TAKEN_APPS)
        primary = text(app, "primary")
        if primary is not None:
            yield from must_exist(fleet.file, (*key, "primary"), primary, list(hosts), "host")
        standby = texts(app, "standby")
        for place, other in enumerate(standby):
            here: Key = (*key, "standby", place)
            if other and other == primary:
                yield Mistake(fleet.file, here, f'"{other}" is the primary', "name other hosts only")
            elif other in standby[:place]:
                yield Mistake(fleet.file, here, f'"{other}" is named twice', "name each standby once")
            elif other:
                yield from must_exist(fleet.file, here, other, list(hosts), "host")


def _check_stores_named(fleet: Read) -> Iterator[Mistake]:
    stores = list(table(fleet.raw, "stores"))
    for name, app in tables(fleet.raw, "apps").items():
        mine = texts(app, "stores")
        for place, store in enumerate(mine):
            here: Key = ("apps", name, "stores", place)
            if store in mine[:place]:
                yield Mistake(fleet.file, here, f'"{store}" is named twice', "name each store once")
            else:
                yield from must_exist(fleet.file, here, store, stores, "store")
        for place, store in enumerate(texts(table(app, "copy"), "stores")):
            yield from must_exist(
                fleet.file, ("apps", name, "copy", "stores", place), store, mine, f"store|in apps.{name}.stores"
            )
        replica = text(table(app, "litestream"), "store")
        if replica is not None:
            key: Key = ("apps", name, "litestream", "store")
            yield from must_exist(fleet.file, key, replica, stores, "store")
            if text(tables(fleet.raw, "stores").get(replica, {}), "kind") == "dropbox":
                yield Mistake(fleet.file, key, f'"{replica}" is in Dropbox', "Litestream cannot: name another store")


def _check_folders(fleet: Read) -> Iterator[Mistake]:
    """Hosts and stores have folders of their own: a host that is lost must not take another, or a copy, with it."""
    places: dict[Key, Path] = {}
    for group, last in (("hosts", "folder"), ("stores", "path")):
        for name, one in tables(fleet.raw, group).items():
            written = text(one, last)
            if not written or "\0" in written or text(one, "kind") in ("dropbox", "s3", "sftp"):
                continue
            key, folder = (group, name, last), (fleet.path.parent / written).resolve()
            for other_key, other in places.items():
                wrong = _meet(folder, other)
                if wrong:
                    yield Mistake(
                        fleet.file, key, f"the folder {wrong} {key_path(other_key)}", "give it a folder of its own"
                    )
            places[key] = folder


def _meet(folder: Path, other: Path) -> str:
    if folder == other:
        return "is also"
    if folder.is_relative_to(other):
        return "lies inside"
    return "contains" if other.is_relative_to(folder) else ""


def _check_app(app: Read) -> Iterator[Mistake]:
    """What must hold within one `app.toml`."""
    processes = tables(app.raw, "processes")
    gates = [name for name, process in processes.items() if "health" in process]
    if processes and not gates:
        yield Mistake(
            app.file, ("processes",), "no process has a health table", "add [processes.NAME.health] to the one to ask"
        )
    for name in gates[1:]:
        yield Mistake(
            app.file, ("processes", name, "health"), f"{gates[0]} has one already", "keep it in exactly one process"
        )
    for name, process in processes.items():
        if name in gates and "port" not in process:
            yield Mistake(app.file, ("processes", name, "port"), "is missing", "a process with health must have a port")
        yield from _must_be_free(app.file, ("processes", name), name, TAKEN_PROCESSES)
        if texts(process, "command")[:1] == [""]:
            yield Mistake(app.file, ("processes", name, "command", 0), 'is ""', "must be the program to run")
    for name in tables(app.raw, "jobs"):
        yield from _must_be_free(app.file, ("jobs", name), name, TAKEN_PROCESSES)
    for name, words in table(app.raw, "commands").items():
        if isinstance(words, list) and words[:1] == [""]:
            yield Mistake(app.file, ("commands", name, 0), 'is ""', "must be the program to run")
    yield from check_commands(app.file, app.raw)
    yield from check_deploy(app.file, app.raw)
    yield from _check_databases(app)


def _check_databases(app: Read) -> Iterator[Mistake]:
    files: dict[str, str] = {}
    variables: dict[str, str] = {}
    for name, database in tables(app.raw, "databases").items():
        key: Key = ("databases", name)
        yield from _must_be_free(app.file, key, name, TAKEN_DATABASES)
        variable = text(database, "env") or "DATABASE_PATH"
        yield from _must_be_free(app.file, (*key, "env"), variable, TAKEN_VARIABLES)
        if variable in variables:
            wrong = f"{variable} already names the file of databases.{variables[variable]}"
            yield Mistake(app.file, (*key, "env"), wrong, "give each database a variable of its own")
        variables.setdefault(variable, name)
        file = text(database, "file")
        if file is None:
            continue
        if file.endswith(("-wal", "-shm", "-journal")):
            yield Mistake(app.file, (*key, "file"), f'is "{file}"', "SQLite uses such names itself; take another")
        if file in files:
            wrong = f'"{file}" is the file of databases.{files[file]}'
            yield Mistake(app.file, (*key, "file"), wrong, "give each database a file of its own")
        files.setdefault(file, name)


def _check_agreement(fleet: Read, name: str, app: Read) -> Iterator[Mistake]:
    """What the fleet says of the app and what the app's manifest has must fit."""
    mine = tables(fleet.raw, "apps").get(name, {})
    key: Key = ("apps", name)
    own_name = text(app.raw, "name")
    if own_name is not None and own_name != name:
        yield Mistake(fleet.file, key, f'{app.file} has name = "{own_name}"', "use the same name in both")
    yield from check_source(fleet.file, (*key, "source"), mine)
    commands = list(table(app.raw, "commands"))
    own = tables(app.raw, "processes")
    first_run = text(mine, "first_run")
    if first_run is not None:
        yield from must_exist(fleet.file, (*key, "first_run"), first_run, commands, f"command|in {app.file}")
    for extra, command in table(mine, "processes").items():
        here: Key = (*key, "processes", extra)
        if extra in own:
            yield Mistake(fleet.file, here, f"{app.file} has a process of that name", "give the extra one another name")
        yield from _must_be_free(fleet.file, here, extra, TAKEN_PROCESSES)
        if isinstance(command, str):
            yield from must_exist(fleet.file, here, command, commands, f"command|in {app.file}")
    for process in table(mine, "ports"):
        having = [one for one, its in own.items() if "port" in its]
        yield from must_exist(
            fleet.file, (*key, "ports", process), process, having, f"process with a port|in {app.file}"
        )


def _must_be_free(file: str, key: Key, name: str, taken: tuple[str, ...]) -> Iterator[Mistake]:
    if name in taken:
        yield Mistake(file, key, f'"{name}" is the platform\'s own', f"take any name but {', '.join(taken)}")
