"""The two manifests as they are written, key by key: what may stand there, in which unit, and what it means. Pure.

Both the check (`station.fleet.loading`) and the reference (`station.fleet.reference`) are made from these models.
"""

from typing import Annotated, Literal

from pydantic import Field

from station.fleet.keys import (
    A_COMMAND,
    A_NAME,
    A_PATH,
    A_TIME,
    AN_ADDRESS,
    SECRET_NAME,
    Address,
    Command,
    FileName,
    FilePath,
    HttpUrl,
    Name,
    SecretName,
    Table,
    UrlPath,
    Variable,
    WallTime,
    Words,
    Zone,
    count,
    key,
    number,
    port,
)


class WrittenControl(Table):
    """The Control Station page."""

    host: Name = key("the name of a host", "The host that serves the page; best one that outlives the primary", '"pi2"')
    port: int = port("The page's TCP port", example="5001")
    bind: Address = key(
        AN_ADDRESS,
        "The address that the page listens on; with any other than 127.0.0.1 others reach it",
        '"127.0.0.1"',
        default="127.0.0.1",
    )


class WrittenHost(Table):
    """A machine; in a folder fleet a folder of this machine stands for it."""

    folder: FilePath = key(
        A_PATH, "The folder that stands for the machine: everything that the host keeps is in it", '"../hosts/pi2"'
    )


class WrittenStore(Table):
    """A place that copies go to, and where the leases are."""

    kind: Literal["directory", "dropbox"] = key(
        '"directory" or "dropbox"', "What the store is: a folder of this machine, or one in Dropbox", '"directory"'
    )
    path: FilePath = key(
        f"{A_PATH}; in Dropbox a path that begins with /",
        "The store's folder; outside of every host's folder",
        '"../store"',
    )
    credentials: FilePath | None = key(
        A_PATH,
        "Dropbox only, and needed there: the file with app key, secret and refresh token (dropbox.md)",
        '"/etc/station/dropbox.env"',
        default=None,
    )
    proxy: HttpUrl | None = key(
        "an address like http://proxy:3128",
        "Dropbox only: the proxy through which it is reached; the environment's is not used",
        '"http://127.0.0.1:3128"',
        default=None,
    )
    ca: FilePath | None = key(
        A_PATH,
        "Dropbox only: a file of certificates to trust in place of the usual ones",
        '"/etc/station/ca.pem"',
        default=None,
    )


class WrittenPoints(Table):
    """When restore points are taken."""

    every_s: float = number(
        "Time between two restore points while there are changes; nothing is taken when there are none",
        "seconds",
        0.1,
        86400,
        default=10,
        example="3",
    )


class WrittenKeep(Table):
    """Which restore points are kept; pruned are those that no key asks for and no kept point needs."""

    last: int = count("The newest restore points, so many; 1000000 keeps them all", 1, 1_000_000, default=20)
    hourly: int = count(
        "Hours of which the last point is kept; hours without points do not count", 0, 10000, default=24
    )
    daily: int = count(
        "Days, in the fleet's `time_zone` or else in UTC, of which the last point is kept", 0, 10000, default=7
    )
    weekly: int = count("Weeks, Monday to Sunday, of which the last point is kept", 0, 10000, default=5)
    monthly: int = count("Months of which the last point is kept", 0, 10000, default=12)
    full_every_days: int = count(
        "After so many days a full copy starts a new chain; what is pruned are whole chains and the ends of chains",
        1,
        366,
        default=7,
    )


class WrittenCopy(Table):
    """When the portable copy `database.db` is brought up to date; never without this table."""

    at: WallTime = key(A_TIME, "The wall time of the fleet's `time_zone`", '"02:05"', default="02:05")
    jitter_s: float = number(
        "The longest time after `at`; how long exactly differs from day to day, so that not all fleets come at once",
        "seconds",
        0,
        3600,
        default=300,
        example="300",
    )


class WrittenDrill(Table):
    """When a restore is rehearsed on the primary (`station db drill`); never without this table."""

    at: WallTime = key(A_TIME, "The wall time of the fleet's `time_zone`", '"03:30"', default="03:30")
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = key(
        "a day of the week in small letters", "Only on that day of the week; else every day", '"sunday"', default=None
    )


class WrittenApp(Table):
    """An app as this fleet runs it."""

    manifest: FilePath = key(A_PATH, "The app's own manifest, `app.toml`", '"../apps/bookedbiz/app.toml"')
    primary: Name = key(
        "the name of a host", "The host that serves the app, and that `failback` returns to", '"pi-ctv"'
    )
    standby: list[Name] = key(
        "a list of names of hosts", "The hosts that hold a mirror and can take over", '["pi2"]', default=list
    )
    stores: list[Name] = key(
        "a list with the name of one store",
        "Where the app's restore points and its lease go",
        '["disk"]',
        min_length=1,
        max_length=1,
    )
    bind: Address = key(
        AN_ADDRESS,
        "The address that the app listens on, handed over as BIND; with any other than 127.0.0.1 others reach it",
        '"127.0.0.1"',
        default="127.0.0.1",
    )
    first_run: Name | None = key(
        "the name of a command of the app", "The command that fills an empty host, run once", '"sample"', default=None
    )
    points: WrittenPoints = key("a table", "When restore points are taken", "", default=WrittenPoints)
    portable: WrittenCopy | None = key("a table", "When the portable copy is made", "", default=None, alias="copy")
    drill: WrittenDrill | None = key("a table", "When a restore is rehearsed", "", default=None)
    keep: WrittenKeep = key("a table", "Which restore points are kept", "", default=WrittenKeep)
    processes: dict[Name, Name] = key(
        "the name of a command of the app",
        "Extra processes: a command of the app's manifest that its primary keeps running beside the app's own",
        '"sample-traffic"',
        default=dict,
        names=A_NAME,
    )
    ports: dict[Name, Annotated[int, Field(ge=1, le=65535)]] = key(
        "a port: a whole number from 1 to 65535",
        "Another port than the app's manifest gives to that process of it",
        "8010",
        default=dict,
        names="the name of a process of the app",
    )


class FleetFile(Table):
    """`fleet.toml`: hosts, stores, apps and the page."""

    name: Name = key(A_NAME, "The fleet's name, shown on the page", '"demo"')
    time_zone: Zone | None = key(
        "the name of a time zone",
        "The zone of the times at which something is to be done, else the machine's; and of days, else UTC",
        '"Europe/Berlin"',
        default=None,
    )
    control: WrittenControl = key("a table", "The Control Station page", "")
    hosts: dict[Name, WrittenHost] = key("tables [hosts.NAME]", "The machines", "", names=A_NAME, min_length=1)
    stores: dict[Name, WrittenStore] = key("tables [stores.NAME]", "Where copies go", "", names=A_NAME, min_length=1)
    apps: dict[Name, WrittenApp] = key(
        "tables [apps.NAME]", "What runs; NAME is the app's own name", "", names=A_NAME, min_length=1
    )


class WrittenDatabase(Table):
    """A SQLite database of the app."""

    file: FileName = key(
        "a plain file name without folders (letters, digits, . _ -)",
        "The database's file in the app's data folder",
        '"bookedbiz.db"',
    )
    env: Variable = key(
        "a variable's name: A-Z, 0-9 and _, a letter first",
        "The environment variable that tells the app the file's path",
        '"DATABASE_PATH"',
        default="DATABASE_PATH",
    )


class WrittenHealth(Table):
    """How to see that the app is up; exactly one process of an app has it."""

    path: UrlPath = key("a path that begins with /", "What is asked for with GET", '"/health"', default="/health")
    status: int = key(
        "an HTTP status from 100 to 599", "The status of a healthy answer", "200", default=200, ge=100, le=599
    )
    within_s: float = number(
        "Time after the start within which the app must be healthy", "seconds", 1, 3600, default=30, example="30"
    )


class WrittenProcess(Table):
    """A process of the app that its primary keeps running."""

    command: Command = key(A_COMMAND, "The program and its arguments; no shell reads it", '["bookedbiz", "serve"]')
    port: int | None = port(
        "The TCP port it listens on, handed over as PORT; none when it serves nothing", default=None, example="8000"
    )
    health: WrittenHealth | None = key("a table", "How to see that the app is up", "", default=None)


class AppFile(Table):
    """`app.toml`: what a host has to know about an app."""

    name: Name = key(A_NAME, "The app's name, the same as in the fleet's [apps.NAME]", '"bookedbiz"')
    title: Words | None = key(
        "a text of at most 60 characters", "The name to show; else `name`", '"BookedBiz"', default=None
    )
    first_admin: Words | None = key(
        "a text of at most 60 characters",
        "The name to sign in with first; its password is the secret `first_admin_password`",
        '"admin@bookedbiz.example"',
        default=None,
    )
    databases: dict[Name, WrittenDatabase] = key(
        "tables [databases.NAME]", "The app's SQLite databases", "", names=A_NAME, min_length=1
    )
    processes: dict[Name, WrittenProcess] = key(
        "tables [processes.NAME]", "What its primary keeps running", "", names=A_NAME, min_length=1
    )
    secrets: dict[SecretName, Literal["generate"]] = key(
        '"generate"',
        "A secret: made once for the fleet, handed over as a file of that name in CREDENTIALS_DIRECTORY",
        '"generate"',
        default=dict,
        names=SECRET_NAME,
    )
    commands: dict[Name, Command] = key(
        A_COMMAND,
        "Commands that a fleet can name under `first_run` and `processes`",
        '["bookedbiz", "sample"]',
        default=dict,
        names=A_NAME,
    )
