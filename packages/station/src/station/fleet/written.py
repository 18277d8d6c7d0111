"""`fleet.toml` as it is written, key by key: what may stand there, in which unit, and what it means. Pure.

Both the check (`station.fleet.loading`) and the reference (`station.fleet.reference`) are made from these models.
"""

from typing import Annotated, Literal

from pydantic import Field

from station.fleet.keys import (
    A_NAME,
    A_PATH,
    A_TIME,
    A_VARIABLE,
    AN_ADDRESS,
    Address,
    FilePath,
    Name,
    Table,
    Value,
    Variable,
    WallTime,
    Zone,
    count,
    key,
    number,
    port,
)
from station.fleet.written_app import WrittenSource
from station.fleet.written_host import (
    AN_ACCOUNT,
    Account,
    WrittenDatasette,
    WrittenDev,
    WrittenFiles,
    WrittenHost,
    WrittenTeam,
)
from station.fleet.written_store import WrittenStore


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
    encoding: Literal["delta", "plain"] = key(
        '"delta" or "plain"',
        "How a change is stored: as the difference to the pages that were there before, a tenth of the bytes, for "
        "which the primary keeps a second file as large as the database; or as a write-ahead log that SQLite reads",
        '"delta"',
        default="delta",
    )
    confirm_every_s: float = number(
        "Time after which the whole database is read again, to confirm what SQLite's log says has changed",
        "seconds",
        60,
        604800,
        default=21600,
        example="21600",
    )
    polite: bool = key(
        "true or false",
        "Whether points, copies and drills leave processor and disk to others first (nice, ionice)",
        "true",
        default=True,
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
    backups: int = count(
        "Backups with a time for a name, so many, the newest; 0 keeps them all. Named ones are never pruned",
        0,
        100_000,
        default=0,
    )
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
    stores: list[Name] = key(
        "a list of names of stores of the app",
        "The stores that get the copy; else all of the app",
        '["cloud"]',
        default=list,
    )


class WrittenLitestream(Table):
    """Litestream beside our own points, for those who have it; never without this table."""

    store: Name = key(
        "the name of a store of kind directory, s3 or sftp",
        "Where Litestream's replica goes: below `litestream/` in that store's place",
        '"cloud"',
    )
    program: FilePath = key(
        "the name or the path of a program",
        "Litestream, version 0.3",
        '"/usr/bin/litestream"',
        default="litestream",
    )
    sync_every_s: float = number(
        "How often Litestream ships what was written", "seconds", 0.1, 3600, default=1, example="1"
    )
    late_after_s: float = number(
        "A replica that is further behind than this while the database is written to is called late",
        "seconds",
        1,
        86400,
        default=60,
        example="60",
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
        "a list of names of stores",
        "Where the app's restore points go, to each by itself; the first holds the lease too, and standbys follow it",
        '["disk"]',
        min_length=1,
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
    litestream: WrittenLitestream | None = key("a table", "Litestream as a second engine", "", default=None)
    log: FilePath | None = key(
        A_PATH,
        "A file that gets a line for each scheduled run and its outcome, beside the journal",
        '"/var/log/station/bookedbiz.log"',
        default=None,
    )
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
    user: Account | None = key(
        AN_ACCOUNT,
        "The user that its processes run as on a machine, without a login; else the app's name. One whose home the "
        "app's files lie in must be there already",
        '"ctvbooked"',
        default=None,
    )
    services: dict[Name, Name] = key(
        A_NAME,
        "Another name for the unit of a process on a machine; else APP-PROCESS",
        '"ctv-bookedbiz-db"',
        default=dict,
        names="the name of a process of the app",
    )
    environment: dict[Variable, Value] = key(
        "a text on one line, of at most 1000 characters",
        "More variables for the app's processes. No secrets: those are files, under `secrets` of app.toml",
        '"production"',
        default=dict,
        names=A_VARIABLE,
    )
    source: WrittenSource | None = key(
        "a table", "Where its code comes from, in place of what app.toml says (its table `source`)", "", default=None
    )
    files: WrittenFiles = key("a table", "Where its files lie on a machine", "", default=WrittenFiles)
    datasette: WrittenDatasette | None = key("a table", "Datasette over a copy", "", default=None)
    dev: WrittenDev | None = key("a table", "A developer's own instance", "", default=None)


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
    team: WrittenTeam = key("a table", "The developers", "", default=WrittenTeam)
    hosts: dict[Name, WrittenHost] = key("tables [hosts.NAME]", "The machines", "", names=A_NAME, min_length=1)
    stores: dict[Name, WrittenStore] = key("tables [stores.NAME]", "Where copies go", "", names=A_NAME, min_length=1)
    apps: dict[Name, WrittenApp] = key(
        "tables [apps.NAME]", "What runs; NAME is the app's own name", "", names=A_NAME, min_length=1
    )
