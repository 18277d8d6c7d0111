"""The fleet as values: what the manifests say, checked and resolved, every path absolute. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from station.fleet.machine import SERVER, Datasette, Deploy, Dev, Files, Job, Mount, Source, Team
from station.fleet.paths import Database, HostPaths


@dataclass(frozen=True)
class Control:
    """The Control Station page."""

    host: str
    port: int
    bind: str


@dataclass(frozen=True)
class Host:
    """One machine. A folder host is a folder that stands for one; it has no `address`.

    `data`: the apps' data folders that lie elsewhere than usual. `retire`: units that may not run here any more.
    """

    name: str
    folder: Path
    address: str = ""
    data: Mapping[str, Path] = field(default_factory=dict)
    retire: tuple[str, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    check_every_s: float = 300.0

    @property
    def paths(self) -> HostPaths:
        return HostPaths(self.folder, is_machine=bool(self.address), elsewhere=self.data)


@dataclass(frozen=True)
class StoreSpec:
    """Where a store is and of which kind; `station.stores.opening.open_store` makes the store of it.

    The `path` of a Dropbox or SFTP store is a path there, that of an S3 store a prefix ("." for none). The keys after
    `path` are those of some kinds only. `key_file`: the age key of an encrypted store. `every_s` None: the app's.
    `look_every_s` is how often lease and points are looked at; `upload_kib_s` None: no limit.
    """

    name: str
    kind: str
    path: Path
    credentials: Path | None = None
    proxy: str = ""
    ca_file: Path | None = None
    bucket: str = ""
    endpoint: str = ""
    region: str = ""
    server: str = ""
    port: int = 22
    user: str = ""
    private_key: Path | None = None
    known_hosts: Path | None = None
    key_file: Path | None = None
    every_s: float | None = None
    look_every_s: float = 1.0
    upload_kib_s: float | None = None


@dataclass(frozen=True)
class Health:
    """What a healthy answer is: GET `path` gives `status`, at the latest `within_s` after the start."""

    path: str
    status: int
    within_s: float


@dataclass(frozen=True)
class Process:
    """A command that the app's primary keeps running. Without a port it serves nothing.

    On a machine: `preset` and `needs` (with reasons) say how closely it is shut in, `notify` that it tells systemd when
    it is ready, `socket` that it takes the socket it listens on from systemd.
    """

    name: str
    command: tuple[str, ...]
    port: int | None = None
    health: Health | None = None
    preset: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    notify: bool = False
    socket: bool = False

    @property
    def hardening(self) -> str:
        """The preset it runs under on a machine: its own choice, else by what it does."""
        return self.preset or ("web" if self.port is not None else "worker")


@dataclass(frozen=True)
class Points:
    """How often restore points are taken while there are changes, and how.

    `encoding` of changes: "delta" or "plain". After `confirm_every_s` the whole database is read again. `polite`: the
    platform's own processes leave processor and disk to others first.
    """

    every_s: float
    encoding: str = "delta"
    confirm_every_s: float = 21600.0
    polite: bool = True


@dataclass(frozen=True)
class Keep:
    """Which restore points are kept: the newest `last`, and the last one of each of so many hours, days, weeks, months.

    Each default reaches into the next: a day by hours, a week by days, a month (five weeks at most) by weeks, a year by
    months. Days, weeks and months are those of `zone`, the same on every host. After `full_every_days` a full copy
    starts a new chain. Of the portable
    backups that have a time for a name the newest `backups` are kept, all if it is 0.
    """

    last: int = 20
    hourly: int = 24
    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    full_every_days: int = 7
    zone: str = "UTC"
    backups: int = 0


@dataclass(frozen=True)
class Daily:
    """When a job is due: at a wall time of `zone` (None: this machine's), every day or on one weekday (0: Monday).

    It begins up to `jitter_s` later. `stores`: where the result goes.
    """

    at: time
    zone: str | None
    weekday: int | None = None
    jitter_s: float = 0.0
    stores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Litestream:
    """Litestream beside our own points: `program` replicates to below `litestream/` in the place of `store`."""

    store: str
    program: str
    sync_every_s: float
    late_after_s: float


@dataclass(frozen=True)
class App:
    """An app as this fleet runs it: its own manifest and the fleet's part in one.

    `processes` are the app's own and the fleet's extra ones. `first_run` is a command that fills an empty host.
    `secrets` says how each is made (`generate`); `first_admin` is the name that goes with `first_admin_password`.
    The first of `stores` also holds the lease. `log` is a file for the outcome of scheduled runs. On
    machines `services` names units otherwise; `environment` is for every process.
    """

    name: str
    title: str
    bind: str
    primary: str
    standby: tuple[str, ...]
    stores: tuple[str, ...]
    points: Points
    first_run: tuple[str, ...] | None
    processes: Mapping[str, Process]
    databases: Mapping[str, Database]
    secrets: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]
    first_admin: str | None = None
    keep: Keep = Keep()
    copy: Daily | None = None
    drill: Daily | None = None
    litestream: Litestream | None = None
    log: Path | None = None
    user: str = ""
    services: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    source: Source | None = None
    deploy: Deploy = field(default_factory=Deploy)
    datasette: Datasette | None = None
    dev: Dev | None = None

    @property
    def account(self) -> str:
        """The user that its processes run as on a machine."""
        return self.user or self.name

    @property
    def hosts(self) -> tuple[str, ...]:
        """The primary and the standbys, in this order."""
        return (self.primary, *self.standby)

    @property
    def is_served(self) -> bool:
        """Whether one of its processes is the platform's own server with the app in it."""
        return any(process.command[0] == SERVER for process in self.processes.values())

    @property
    def gate(self) -> Process:
        """The process whose health says whether the app is up; the manifest has exactly one."""
        return next(process for process in self.processes.values() if process.health is not None)


@dataclass(frozen=True)
class Fleet:
    """Everything that one `fleet.toml` and the `app.toml` files it names declare. `time_zone` None: the machine's."""

    name: str
    path: Path
    control: Control
    hosts: Mapping[str, Host]
    stores: Mapping[str, StoreSpec]
    apps: Mapping[str, App]
    time_zone: str | None = None
    team: Team = field(default_factory=Team)
