"""The body of `station litestream APP`: keep Litestream running beside the primary, and watch how far its replica is.

Litestream ends with this process, and not before it has shipped what the app wrote last.
"""

import http.client
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from station.clock import Clock
from station.cluster.files import read_json, write_json
from station.cluster.instance import only_instance
from station.cluster.litestream import (
    REPLICA,
    Figures,
    Position,
    Progress,
    config,
    config_file,
    environment,
    figures,
    known_position,
    last_piece,
    meta_folder,
    read_position,
    report,
    report_file,
    unfit,
)
from station.cluster.litestream_program import Program, find_program, read_keys
from station.cluster.points_loop import ENDING, NUDGE, listen, waited
from station.cluster.roles import read_epoch
from station.durable import write_private
from station.errors import LeaseLost, StationError, StoreError
from station.fleet import App, Fleet, Host, StoreSpec
from station.stores.store import MARKER

LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 30.0
LIST_EVERY_S = 10.0
STABLE_AFTER_S = 60.0
LONGEST_PATIENCE_S = 3600.0  # with a replica that does not get on
SHIP_WITHIN_S = 5.0  # a switch waits so long for the last frames; it takes them itself into the last restore point

Tethered = Callable[[list[str]], list[str]]
"""From a command to one whose process ends with ours."""


def litestream_loop(fleet: Fleet, app: App, host: Host, env: Mapping[str, str], tethered: Tethered, now: Clock) -> None:
    """Returns on SIGTERM. LeaseLost when this host is not primary; Busy. What fails is reported and tried again."""
    listen(ENDING | {NUDGE})
    assert app.litestream is not None
    state = host.paths.state(app.name)
    epoch = read_epoch(state)
    if epoch is None:
        raise LeaseLost(f"{host.name} is not primary of {app.name}: it has no role.json")
    with only_instance(host.paths.lock(f"litestream-{app.name}"), f"Litestream of {app.name}"):
        watch = _Watch(fleet, app, host, epoch, now)
        try:
            while True:
                if waited(watch.look(env, tethered)):
                    return
        finally:
            watch.end()


@dataclass
class _Child:
    """Litestream as it runs: its process, where it tells its figures, and the last fault it wrote down."""

    process: subprocess.Popen[bytes]
    port: int
    began_s: float
    reader: threading.Thread | None = None
    fault: str | None = None
    progress: dict[str, Progress] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        """Pass on what it writes, and keep its last complaint."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
                text = line.decode(errors="replace").strip()
                if text.startswith("caused by") and self.fault and len(self.fault) < 300:
                    self.fault = f"{self.fault}, {text}"
                elif "error" in text.lower() or "cannot" in text.lower():
                    self.fault = f"Litestream: {text.rpartition(f'({REPLICA}): ')[2]}"


class _Watch:
    def __init__(self, fleet: Fleet, app: App, host: Host, epoch: int, now: Clock) -> None:
        assert app.litestream is not None
        self._fleet = fleet
        self._app = app
        self._host = host
        self._wanted = app.litestream
        self._store = fleet.stores[app.litestream.store]
        self._state = host.paths.state(app.name)
        self._epoch = epoch
        self._now = now
        self._since = now()
        self._program: Program | None = None
        self._list_again_s = 0.0
        self._child: _Child | None = None
        self._pause_s = LOOK_EVERY_S
        self._patience_s = self._wanted.late_after_s
        self._newest: dict[str, datetime | None] = dict.fromkeys(app.databases)
        self._shipped = {name: known_position(report_file(self._state, name)) for name in app.databases}
        self._report(None)

    def look(self, env: Mapping[str, str], tethered: Tethered) -> float:
        """Start what should run, see how far it is, report. How long to wait until the next look."""
        try:
            _require_place(self._store)
            if self._child is None:
                self._start(env, tethered)
            elif self._child.process.poll() is not None:
                raise StationError(self._last_words(self._child))
            self._watch()
        except (StationError, OSError) as why:
            self._stop()
            self._report(why.message if isinstance(why, StationError) else f"Litestream: {why}")
            pause_s, self._pause_s = self._pause_s, min(self._pause_s * 2, LONGEST_PAUSE_S)
            return pause_s
        return LOOK_EVERY_S

    def end(self) -> None:
        """Let Litestream ship what the app wrote last, and end."""
        if self._stop() == 0:  # else it could not
            for name in self._app.databases:
                self._shipped[name] = read_position(meta_folder(self._state, name)) or self._shipped[name]
            self._report(None)

    def _start(self, env: Mapping[str, str], tethered: Tethered) -> None:
        fault = unfit(self._store)
        if fault:
            raise StationError(fault)
        own = {**env, **environment(self._store, read_keys(self._store))}
        program = self._program = find_program(self._wanted.program, self._fleet.path.parent, own)
        _forget_other_epochs(self._state, self._app, self._epoch)
        port = _free_port()
        text = config(self._app, self._host, self._store, self._epoch, f"127.0.0.1:{port}")
        write_private(config_file(self._state), text)
        command = [program.path, "replicate", "-no-expand-env", "-config", str(config_file(self._state))]
        process = subprocess.Popen(
            tethered(command),
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._child = _Child(process, port, time.monotonic())
        self._child.progress = {name: Progress() for name in self._app.databases}
        self._child.reader = threading.Thread(target=self._child.read, daemon=True)
        self._child.reader.start()

    def _watch(self) -> None:
        child = self._child
        assert child is not None
        asked_at = self._now()
        metrics = _metrics(child.port)
        if time.monotonic() - child.began_s > STABLE_AFTER_S:
            self._pause_s = LOOK_EVERY_S
        for name, database in self._app.databases.items():
            file = self._host.paths.database(self._app.name, database)
            read = read_position(meta_folder(self._state, name))
            found = figures(metrics, file, read, self._shipped[name]) if read is not None else None
            if found is None:
                continue
            if not found.told and not found.level and found.looks >= 2:
                found = replace(found, shipped=self._listed(name, found))
            self._note(child, name, found, asked_at)
        self._report(child.fault)

    def _note(self, child: _Child, name: str, found: Figures, asked_at: datetime) -> None:
        progress = child.progress[name]
        progress.look(found, asked_at)
        self._require_progress(found, progress.newest, asked_at)
        self._shipped[name] = found.shipped
        self._newest[name] = progress.newest or self._newest[name]
        if found.errors == child.errors.get(name, 0) and found.level:
            child.fault = None
        child.errors[name] = found.errors

    def _require_progress(self, found: Figures, newest: datetime | None, now: datetime) -> None:
        """StationError when a replica that got on does not any more: 0.3.11 waits forever for a lost SFTP connection.

        Each time with twice the patience, for it may just be sending something large.
        """
        if found.level:
            self._patience_s = self._wanted.late_after_s
        if not found.told or found.level or newest is None or (now - newest).total_seconds() <= self._patience_s:
            return
        waited_s, self._patience_s = self._patience_s, min(self._patience_s * 2, LONGEST_PATIENCE_S)
        raise StationError(f"Litestream's replica did not get on for {waited_s:g} s: it is started again")

    def _listed(self, name: str, found: Figures) -> Position | None:
        """How far the replica is when a Litestream that was killed had shipped more than it had told: by its list.

        A piece that begins where the replica was known to be, or later, reaches as far as was read then; had anything
        been read after it, this Litestream would have shipped that, and told.
        """
        known = found.shipped
        if self._program is None or time.monotonic() < self._list_again_s:
            return known
        self._list_again_s = time.monotonic() + LIST_EVERY_S
        database = str(self._host.paths.database(self._app.name, self._app.databases[name]))
        options = ["-no-expand-env", "-config", str(config_file(self._state)), "-generation", found.read.generation]
        newest = last_piece(self._program.ask("wal", *options, database))
        since = known if known is not None and known.generation == found.read.generation else None
        return found.read if newest is not None and (since is None or newest.covers(since)) else known

    def _stop(self) -> int | None:
        """End it. Its exit code; None when it did not run."""
        child, self._child = self._child, None
        if child is None:
            return None
        child.process.terminate()
        try:
            child.process.wait(SHIP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        if child.reader is not None:
            child.reader.join(1.0)
        return child.process.returncode

    def _last_words(self, child: _Child) -> str:
        said = f"; {child.fault}" if child.fault else ""
        return f"Litestream ended with exit code {child.process.returncode}{said}"

    def _report(self, error: str | None) -> None:
        for name in self._app.databases:
            said = report(self._newest[name], error, self._shipped[name], (self._since, self._now()))
            write_json(report_file(self._state, name), said, durable=False)


def _require_place(store: StoreSpec) -> None:
    """StoreError when a directory store is gone: Litestream would make a folder in its place and fill this disk."""
    if store.kind == "directory" and not (store.path / MARKER).exists():
        raise StoreError(f"The store {store.name} is gone: {store.path} is no store. Litestream waits for it")


def _forget_other_epochs(state: Path, app: App, epoch: int) -> None:
    """Take away what Litestream noted of the database of another epoch: it begins a generation of its own."""
    note = state / "litestream" / "epoch.json"
    if (read_json(note) or {}).get("epoch") == epoch:
        return
    for name in app.databases:
        shutil.rmtree(meta_folder(state, name), ignore_errors=True)
    write_json(note, {"epoch": epoch}, durable=True)


def _metrics(port: int) -> str:
    """What Litestream prints of itself; empty while it does not answer yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2.0)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
