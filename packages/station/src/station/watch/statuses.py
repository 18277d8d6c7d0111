"""What every host says of itself, as values; `statusread` reads them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class HostState(StrEnum):
    """`live`: heard within ten seconds. `silent`: longer ago. `absent`: never, or nothing readable is left.
    `unasked`: another machine, whose agent answers there alone.
    """

    LIVE = "live"
    SILENT = "silent"
    ABSENT = "absent"
    UNASKED = "unasked"


@dataclass(frozen=True)
class UnitStatus:
    name: str
    state: str
    pid: int | None
    since: datetime | None
    restarts: int
    port: int | None
    healthy: bool | None


@dataclass(frozen=True)
class PointSeen:
    """The restore point that a host stands at: on the primary the last it published, on a standby its copy."""

    name: str
    taken_at: datetime
    seq: int
    epoch: int
    digest: str
    object_bytes: int


@dataclass(frozen=True)
class StoreSeen:
    """What the primary last did with one of the other stores: the newest point there, and what is wrong."""

    name: str
    point: PointSeen | None
    error: str | None
    sending_since: datetime | None


@dataclass(frozen=True)
class ReplicaSeen:
    """Litestream's replica: how far it is behind (None: not known), up to when it has everything, what is wrong."""

    lag_s: float | None
    newest: datetime | None
    error: str | None


@dataclass(frozen=True)
class DatabaseStatus:
    """`stores`: all of the app's but the first; empty where nobody tells of them. `litestream`: where there is one."""

    name: str
    bytes: int | None
    written_at: datetime | None
    point: PointSeen | None
    checked_at: datetime | None
    proved_at: datetime | None
    error: str | None
    stores: Mapping[str, StoreSeen] = field(default_factory=dict)
    litestream: ReplicaSeen | None = None


@dataclass(frozen=True)
class LeaseSeen:
    """Who was primary when somebody looked."""

    epoch: int
    holder: str
    taken_at: datetime | None
    reason: str


@dataclass(frozen=True)
class DivergenceSeen:
    """What an old primary had written and nobody else has; kept as a file, never thrown away."""

    host: str
    at: datetime | None
    database: str
    pages: int
    file: str


@dataclass(frozen=True)
class JobSeen:
    """A job that runs at a set time. `error` is why it did not work when it was due last."""

    name: str
    running: bool
    next_at: datetime | None
    due: datetime | None
    at: datetime | None
    error: str | None


@dataclass(frozen=True)
class DrillSeen:
    """The last rehearsal of a restore on a host: when, how long it took, and what was wrong."""

    host: str
    database: str
    at: datetime
    took_s: float
    passed: bool
    fault: str | None


@dataclass(frozen=True)
class AppStatus:
    role: str
    epoch: int | None
    lease: LeaseSeen | None
    lease_error: str | None
    units: tuple[UnitStatus, ...]
    databases: Mapping[str, DatabaseStatus]
    divergence: tuple[DivergenceSeen, ...]
    jobs: tuple[JobSeen, ...] = ()
    drills: tuple[DrillSeen, ...] = ()
    waits_for: str = ""

    @property
    def wanted_units(self) -> tuple[UnitStatus, ...]:
        """Without those that belong to the other role and were stopped, and jobs that are done."""
        return tuple(unit for unit in self.units if unit.state not in ("stopped", "ended"))


@dataclass(frozen=True)
class Machine:
    cpu_percent: float | None = None
    memory_percent: float | None = None
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    temperature_c: float | None = None


@dataclass(frozen=True)
class HostStatus:
    """`skew_s` is how far the host's clock is from the clock of the disk its file lies on."""

    host: str
    state: HostState
    at: datetime | None = None
    age_s: float | None = None
    skew_s: float | None = None
    pid: int | None = None
    started_at: datetime | None = None
    apps: Mapping[str, AppStatus] = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)
    trouble: str | None = None

    @property
    def live(self) -> bool:
        return self.state is HostState.LIVE
