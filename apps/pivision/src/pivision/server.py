"""The server process: devices, health and metrics answered directly, everything else by the pages."""

import asyncio
import ipaddress
import logging
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import station_serve
from pivision import users
from pivision.database import open_durable, prepare
from pivision.devices.audit import By
from pivision.errors import StartRefused
from pivision.health import WRITER_SILENT_S, Watched, health, metrics
from pivision.ingest import limits as ingest_limits
from pivision.ingest import replies
from pivision.ingest.api import METHODS, DeviceApi, Parts
from pivision.ingest.committing import Committer
from pivision.ingest.limits import Limits
from pivision.ingest.meter import Meter
from pivision.ingest.recovery import recover
from pivision.ingest.refusals import Refusal
from pivision.ingest.writer import Writer
from pivision.queue import waiting
from pivision.settings import Settings
from pivision.web.app import LARGEST_REQUEST_BYTES, create_app
from pivision.web.arriving import Arriving
from pivision.web.leaving import Leaving
from station_kit import serving
from station_kit.environment import Secret, credential
from station_kit.sqlitefile import open_database
from station_serve.wrapping import AsgiApp, Receive, Scope, Send

FIRST_ADMIN = "admin"  # as app.toml says
PAGES_THREADS = 8
RECOVER_AGAIN_S = 30.0
_WATCHDOG = ("WATCHDOG_USEC", "WATCHDOG_PID")
_DEVICE_PATHS = ("/api/v1/ingest/", "/api/v1/device/")
_LONG_PATHS = frozenset({"/api/v1/admin/backup"})

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def serve(settings: Settings, environ: Mapping[str, str]) -> None:
    """Answer until SIGTERM; what was acknowledged by then is durable. KitError when it cannot begin.

    On the sockets that systemd handed over, else at the settings' address.
    """
    prepare(settings.database)
    make_first_admin(settings.database, environ)
    listeners = serving.handed_over(environ) or [serving.listen(settings.bind, settings.port)]
    require_password(settings, listeners)
    tell_address(settings, listeners[0].where)
    app = Server(settings, environ, pages_of(settings))
    rest = {name: value for name, value in environ.items() if name not in _WATCHDOG}  # the app feeds it itself
    station_serve.serve(app, rest, listeners=listeners)
    if app.failed is not None:
        raise app.failed


def pages_of(settings: Settings) -> AsgiApp:
    """The pages, each request in one of a few threads."""
    pages = station_serve.as_asgi(create_app(settings), threads=PAGES_THREADS)
    return Leaving(Arriving(pages, LARGEST_REQUEST_BYTES), _LONG_PATHS)


def make_first_admin(database: Path, environ: Mapping[str, str]) -> None:
    """Where nobody has an account and the host handed a first password over: a machine is set up without a hand."""
    password = _handed("first_admin_password", environ)
    if password is not None:
        with closing(open_durable(database)) as db:
            users.add_first(db, FIRST_ADMIN, password, By("the host", utc_now()))


def require_password(settings: Settings, listeners: Sequence[serving.Listener]) -> None:
    """StartRefused where others could reach an appliance that has no password yet."""
    reachable = [each.where for each in listeners if not _is_loopback(each)]
    if not reachable:
        return
    with closing(open_database(settings.database, read_only=True)) as db:
        if db.execute("SELECT 1 FROM user WHERE role = 'admin' AND active = 1").fetchone():
            return
    raise StartRefused(
        f"PiVision not started on {', '.join(reachable)}: there is no admin with a password yet",
        "Make one with: pivision users add NAME --role admin. Until then leave BIND out: it serves this machine only",
    )


def tell_address(settings: Settings, where: str) -> None:
    """Write it down for this folder's other programs, whole or not at all. On a full disk it serves all the same."""
    folder = settings.folder
    folder.make()
    new = folder.server_address.with_suffix(".new")
    try:
        new.write_text(f"{where}\n", encoding="utf-8")
        new.replace(folder.server_address)
    except OSError as why:
        _log.warning("address not written down: %s", why)


class Server:
    """The whole application. The database's connections belong to the loop's and the writer's thread."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        pages: AsgiApp | None,
        *,
        limits: Limits | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._environ, self._pages, self._now = settings, environ, pages, now
        self._folder = settings.folder
        self._chosen = limits
        self._token = _handed("metrics_token", environ)
        self._meter = Meter()
        self._writer: Writer | None = None
        self._db: sqlite3.Connection | None = None
        self._devices: DeviceApi | None = None
        self._watched: Watched | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: Exception | None = None  # why it did not begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in METHODS and self._devices is not None:
            await self._devices(scope, receive, send)
        elif path == "/health":
            await self._health(send)
        elif path == "/metrics":
            await self._metrics(scope, send)
        elif path.startswith(_DEVICE_PATHS) or self._pages is None:
            await replies.refuse(send, Refusal(404, "no_such_path", "There is nothing at this address"))
        elif path == "/":
            await replies.send_bytes(send, 302, b"", (b"location", b"/dashboard"))
        else:
            await self._pages(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._begin()
        except Exception as why:  # noqa: BLE001 -- `serve` raises it where it can be told
            self.failed = why
            await send({"type": "lifespan.startup.failed", "message": str(why)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._end()
        await send({"type": "lifespan.shutdown.complete"})

    def _begin(self) -> None:
        """Put right what the last one left, then take pictures."""
        prepare(self._settings.database)
        self._folder.make()
        with closing(open_durable(self._settings.database)) as db:
            limits = self._chosen or ingest_limits.read(db)
        if not self._recovered():
            self._tasks.append(asyncio.create_task(self._recover_later()))
        committer = Committer(self._settings.database, self._folder, limits, self._meter, self._now)
        self._writer = Writer(committer, waiting=limits.waiting)
        self._writer.start(asyncio.get_running_loop())
        self._db = open_database(self._settings.database, read_only=True)
        self._devices = DeviceApi(Parts(self._db, self._writer, committer.pressure, self._meter, limits, self._now))
        self._watched = Watched(self._settings.database, self._folder, limits, self._writer, version("pivision"))
        every_s = serving.watchdog_s(self._environ)
        if every_s is not None:
            self._tasks.append(asyncio.create_task(self._feed(every_s)))

    def _recovered(self) -> bool:
        """Rows and files were put right. False where that cannot be written, as on a full disk."""
        try:
            with closing(open_durable(self._settings.database)) as db:
                recover(db, self._folder, self._now())
        except (OSError, sqlite3.Error) as why:
            _log.error("not recovered, tried again in %g s: %s", RECOVER_AGAIN_S, why)
            return False
        return True

    async def _recover_later(self) -> None:
        recovered = False
        while not recovered:
            await asyncio.sleep(RECOVER_AGAIN_S)
            recovered = await asyncio.to_thread(self._recovered)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.stop)
        if self._db is not None:
            self._db.close()

    async def _feed(self, every_s: float) -> None:
        """From the loop, and only while the writer makes progress: when either hangs systemd is not told."""
        while self._writer is not None:
            if self._writer.silent_s() < WRITER_SILENT_S:
                serving.alive(self._environ)
            await asyncio.sleep(every_s)

    async def _health(self, send: Send) -> None:
        assert self._watched is not None
        body, status = await asyncio.to_thread(health, self._watched, self._now())
        await replies.answer(send, status, body)

    async def _metrics(self, scope: Scope, send: Send) -> None:
        if not self._may_see_metrics(scope):
            await replies.refuse(send, Refusal(403, "not_allowed", "Ask from this machine, or with the token"))
            return
        text = await asyncio.to_thread(self._metrics_text)
        await replies.send_bytes(send, 200, text.encode(), (b"content-type", b"text/plain; version=0.0.4"))

    def _metrics_text(self) -> str:
        with closing(open_database(self._settings.database, read_only=True)) as db:
            queue = waiting(db)
        disk = os.statvfs(self._folder.root)
        return metrics(self._meter.shown(), queue, disk.f_bavail * disk.f_frsize, self._now())

    def _may_see_metrics(self, scope: Scope) -> bool:
        """This machine may, and whoever has the token. Behind a proxy everybody comes from this machine."""
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
        if self._token is not None and Secret(given) == self._token:
            return True
        client = scope.get("client")
        return client is not None and b"x-forwarded-for" not in headers and _loopback(str(client[0]))


def _handed(name: str, environ: Mapping[str, str]) -> Secret | None:
    """The credential of that name, where the host handed one over."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    return credential(name, environ) if folder and Path(folder, name).exists() else None


def _is_loopback(listener: serving.Listener) -> bool:
    address = listener.socket.getsockname()
    return not isinstance(address, tuple) or _loopback(str(address[0]))


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
