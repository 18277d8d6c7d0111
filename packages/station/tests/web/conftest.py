"""A fleet whose hosts have just written their status files: real files, a real store, a page over real HTTP."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from flask import Flask

from station.clock import to_text, utc_now
from station.fleet import Fleet
from station.points.point import Point, to_record
from station.stores.directory import DirectoryStore
from station.watch.storelog import StoreLog, look_within
from station.web.access import Credentials
from station.web.app import Sources, create_app

PASSWORD = "a long password"


@dataclass
class Scene:
    """The files behind the page; change one and write it again."""

    fleet: Fleet
    store: DirectoryStore
    roles: dict[str, str] = field(default_factory=lambda: {"pi-ctv": "primary", "pi2": "standby"})
    healthy: bool = True
    divergence: list[dict[str, Any]] = field(default_factory=list)
    drills: dict[str, dict[str, Any]] = field(default_factory=dict)
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, *hosts: str, ago_s: float = 0.3) -> None:
        """The named hosts (all of them) say that they are well; `ago_s` is when."""
        at = utc_now() - timedelta(seconds=ago_s)
        for host in hosts or tuple(self.fleet.hosts):
            file = self.fleet.hosts[host].paths.status_file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self._said(host, at)))
            os.utime(file, (at.timestamp(), at.timestamp()))

    def _said(self, host: str, at: datetime) -> dict[str, Any]:
        role = self.roles[host]
        names = ("web", "traffic", "points") if role == "primary" else ("mirror",)
        units = {
            name: {
                "state": "running",
                "pid": 1,
                "since": to_text(at),
                "restarts": 0,
                "port": 8000 if name == "web" else None,
                "healthy": self.healthy if name == "web" else None,
            }
            for name in names
        }
        newest = max(self.points(), key=lambda point: point.taken_at)
        point = self.point_fields(newest)
        database = {
            "bytes": newest.page_size * newest.page_count,
            "written_at": to_text(at - timedelta(seconds=1)),
            "point": point,
            "checked_at": to_text(at - timedelta(seconds=1)),
            "proved_at": to_text(at - timedelta(minutes=4)),
            "error": None,
            "stores": self.stores if role == "primary" else {},
        }
        app = {
            "role": role,
            "epoch": 3,
            "lease": None,
            "lease_error": None,
            "units": units,
            "databases": {"main": database},
            "divergence": self.divergence if role == "standby" else [],
            "drills": self.drills if role == "primary" else {},
        }
        machine = {
            "cpu_percent": 7.0,
            "memory_percent": 41.0,
            "disk_free_bytes": 98_000_000_000,
            "disk_total_bytes": 128_000_000_000,
            "temperature_c": 51.2,
        }
        said = {"host": host, "at": to_text(at), "pid": 1, "started_at": to_text(at)}
        return said | {"apps": {"bookedbiz": app}, "machine": machine}

    def point_fields(self, point: Point) -> dict[str, Any]:
        """What a status file says of a point."""
        names = ("name", "seq", "epoch", "digest", "object_bytes")
        return {name: getattr(point, name) for name in names} | {"taken_at": to_text(point.taken_at)}

    def points(self) -> list[Point]:
        now = utc_now().replace(microsecond=0)
        sizes = [(1_900_000 if n == 0 else 4_000 + (n * 7919) % 90_000) for n in range(48)]
        return [
            Point(
                app="bookedbiz",
                database="main",
                chain="000003-pi-ctv-20261121T024507123Z",
                seq=n,
                epoch=3,
                host="pi-ctv",
                taken_at=self.began + timedelta(seconds=3 * n),
                page_size=4096,
                page_count=2960,
                changed_pages=2960 if n == 0 else 3 + n % 17,
                digest=f"{n:032x}",
                object_bytes=stored,
                object_sha256="0" * 64,
            )
            for n, stored in enumerate(sizes)
            if self.began + timedelta(seconds=3 * n) <= now
        ]

    began: datetime = field(default_factory=lambda: utc_now().replace(microsecond=0) - timedelta(seconds=3 * 47 + 2))


@pytest.fixture
def scene(fleet: Fleet) -> Scene:
    """Two hosts in order, three epochs, 48 points, a few events."""
    store = DirectoryStore("disk", fleet.stores["disk"].path)
    store.initialise()
    made = Scene(fleet, store)
    now = utc_now()
    history = (
        (1, "pi-ctv", "first start", 400),
        (2, "pi2", "failover: pi-ctv was silent", 60),
        (3, "pi-ctv", "failback", 12),
    )
    for number, holder, reason, minutes in history:
        said = {
            "epoch": number,
            "holder": holder,
            "nonce": "n",
            "taken_at": to_text(now - timedelta(minutes=minutes)),
            "reason": reason,
        }
        store.create(f"bookedbiz/epochs/{number:06d}.json", json.dumps(said).encode())
    for point in made.points():
        record = store.path / point.record_key
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_bytes(to_record(point))  # past the store: 48 durable writes would cost half a second a test
    diary = fleet.hosts["pi2"].paths.events
    diary.parent.mkdir(parents=True, exist_ok=True)
    told = (
        ("started", "the agent of pi2 started", 400),
        ("promoted", "primary in epoch 2: failover: pi-ctv was silent", 60),
        ("lease lost", "pi-ctv is primary since epoch 3", 12),
        ("standby", "mirrors bookedbiz", 12),
    )
    lines = [
        json.dumps(
            {"at": to_text(now - timedelta(minutes=ago)), "host": "pi2", "app": "bookedbiz", "event": e, "text": t}
        )
        for e, t, ago in told
    ]
    diary.write_text("\n".join(lines) + "\n")
    made.write()
    return made


@pytest.fixture
def two_stores(scene: Scene, with_usb: Callable[[], Fleet]) -> Scene:
    """The scene with a second store, `usb`, that holds what the first holds."""
    scene.fleet = with_usb()
    newest = max(scene.points(), key=lambda point: point.taken_at)
    scene.stores = {"usb": {"point": scene.point_fields(newest), "error": None, "sending_since": None}}
    scene.write()
    return scene


@pytest.fixture
def app(scene: Scene) -> Flask:
    log = StoreLog(scene.store, "bookedbiz", ("main",))
    sources = Sources(scene.fleet, lambda: {"bookedbiz": look_within(log, 5)}, utc_now)
    return create_app(sources, Credentials(PASSWORD, "a secret key for tests"))


class _Threaded(ThreadingMixIn, WSGIServer):
    """A browser opens more connections than it uses; one after the other they would wait for each other."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the page, served in a thread of this process."""
    server = make_server("127.0.0.1", 0, app.wsgi_app, server_class=_Threaded, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def until() -> Until:
    def wait(true: Callable[[], bool], limit_s: float = 60.0) -> None:
        end_s = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < end_s, "it did not come true"
            time.sleep(0.05)

    return wait
