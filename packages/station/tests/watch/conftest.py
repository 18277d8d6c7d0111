"""A pair of hosts that is in order; each test spoils one thing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from station.fleet import App, Database, Health, Points, Process
from station.watch.readiness import Readiness, readiness
from station.watch.statuses import (
    AppStatus,
    DatabaseStatus,
    HostState,
    HostStatus,
    LeaseSeen,
    Machine,
    PointSeen,
    StoreSeen,
    UnitStatus,
)
from station.watch.storelog import StoreNews, StoreView

NOW = datetime(2026, 11, 21, 9, 12, 7, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def point(taken_s: float = 4, name: str = "000003-pi-ctv-x/000007") -> PointSeen:
    return PointSeen(name, ago(taken_s), 7, 3, "d" * 32, 4096)


def database(**changes: Any) -> DatabaseStatus:
    whole = DatabaseStatus("main", 10_000_000, ago(5), point(), ago(1), ago(20), None)
    return replace(whole, **changes)


def on_host(host: str, role: str, **changes: Any) -> HostStatus:
    """A live host; `changes` may name fields of the host, or `databases`, `units`, `epoch` of the app."""
    units = (UnitStatus("web" if role == "primary" else "mirror", "running", 7, ago(60), 0, 8000, True),)
    lease = LeaseSeen(3, "pi-ctv", ago(600), "failback")
    app = AppStatus(role, 3, lease, None, units, {"main": database()}, ())
    app = replace(app, **{name: changes.pop(name) for name in list(changes) if name in AppStatus.__dataclass_fields__})
    machine = Machine(3.0, 40.0, 50_000_000_000, 100_000_000_000, 48.0)
    whole = HostStatus(host, HostState.LIVE, ago(0.5), 0.5, 0.0, 99, ago(600), {"bookedbiz": app}, machine)
    return replace(whole, **changes)


def store(holder: str = "pi-ctv", epoch: int = 3, **changes: Any) -> StoreNews:
    view = StoreView((LeaseSeen(epoch, holder, ago(600), "failback"),), (), ())
    return replace(StoreNews(view, 1.0, None), **changes)


def silent(host: str, role: str, seconds: float) -> HostStatus:
    return on_host(host, role, state=HostState.SILENT, age_s=seconds, at=ago(seconds))


def holding(**changes: Any) -> HostStatus:
    """The standby, with something changed in what it says of its copy."""
    return on_host("pi2", "standby", databases={"main": database(**changes)})


def with_usb(digest: str = "d" * 32, **changes: Any) -> HostStatus:
    """The primary, which tells of the second store `usb`; with a digest of its own that holds something older."""
    held = replace(point(300, "000003-pi-ctv-y/000002"), digest=digest)
    said = replace(StoreSeen("usb", held, None, None), **changes)
    return on_host("pi-ctv", "primary", databases={"main": database(stores={"usb": said})})


@pytest.fixture
def pair() -> SimpleNamespace:
    """The builders above, for tests that spoil one thing."""
    builders = (ago, point, database, on_host, store, silent, holding, with_usb)
    return SimpleNamespace(NOW=NOW, **{build.__name__: build for build in builders})


@pytest.fixture
def app() -> App:
    web = Process("web", ("web",), 8000, Health("/health", 200, 30))
    return App(
        name="bookedbiz",
        title="BookedBiz",
        bind="127.0.0.1",
        primary="pi-ctv",
        standby=("pi2",),
        stores=("disk",),
        points=Points(3),
        first_run=None,
        processes={"web": web},
        databases={"main": Database("main", "bookedbiz.db", "DATABASE_PATH")},
        secrets={},
        commands={},
    )


@pytest.fixture
def two_stores(app: App) -> App:
    """The app with a second store."""
    return replace(app, stores=("disk", "usb"))


Judge = Callable[..., Readiness]


@pytest.fixture
def judge(app: App) -> Judge:
    def verdict(
        primary: HostStatus | None = None, standby: HostStatus | None = None, news: StoreNews | None = None
    ) -> Readiness:
        statuses = {
            "pi-ctv": primary or on_host("pi-ctv", "primary"),
            "pi2": standby or on_host("pi2", "standby"),
        }
        return readiness(app, statuses, news or store(), NOW)

    return verdict
