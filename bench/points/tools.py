"""What each tool does in the bench, step by step; the steps are noted as they end."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import peers
from measure import Cost, Daemon, Dialog, Settled, run, stored_bytes
from trickle import alone, newest_point, newest_segment, trickle

HERE = Path(__file__).parent
PYTHON = Path(sys.executable)
STATION = PYTHON.with_name("station")
PARTS = 96  # of a day of eight hours: five minutes each
RESTIC_PARTS = 8  # of these, for the tool that takes 8 s for each; enough for SQLite to checkpoint once or twice
ALONE_S = 30.0  # of a trickle with nobody beside it
PAUSE_S = 1.3  # between two parts: Litestream ships every second


@dataclass(frozen=True)
class Step:
    """One tool's answer to one question. `stored_mb` is what its store grew by."""

    tool: str
    step: str
    cost: Cost
    stored_mb: float | None


@dataclass
class Bench:
    """The work folder, the database that all copy, and what was measured so far."""

    work: Path
    base: Path
    trickle_s: float
    steps: list[Step] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    trickles: list[dict[str, Any]] = field(default_factory=list)
    loads: dict[str, float] = field(default_factory=dict)

    @property
    def drips(self) -> list[tuple[str, float]]:
        return [("recent", self.trickle_s), ("scattered", self.trickle_s / 2)]

    def home(self, tool: str) -> Path:
        """An empty folder with a copy of the database."""
        home = self.work / tool.replace(" ", "-")
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        shutil.copyfile(self.base, home / "ledger.db")
        self.loads[tool] = os.getloadavg()[0]
        return home

    def note(self, tool: str, step: str, store: Path | None, act: Callable[[], Cost]) -> None:
        before = stored_bytes(store) if store and store.exists() else 0
        cost = act()
        self.add(Step(tool, step, cost, (stored_bytes(store) - before) / 1e6 if store else None))

    def add(self, step: Step) -> None:
        self.steps.append(step)
        cost, shown = step.cost, "" if step.stored_mb is None else f"{step.stored_mb:9.2f} MB"
        spent = f"{cost.wall_s:7.1f} s wall {cost.cpu_s:7.2f} s CPU {cost.peak_mb:5.0f} MB peak"
        print(f"{step.tool:16} {step.step:18} {spent} {shown}", flush=True)

    def dripped(self, tool: str, kind: str, found: dict[str, Any]) -> None:
        self.trickles.append({"tool": tool, "kind": kind} | found)
        print(f"{tool:16} trickle {kind}: {found}", flush=True)


def day(database: Path, kind: str) -> None:
    run([PYTHON, HERE / "ledger.py", "day", database, kind])


def day_in_parts(database: Path, kind: str = "heavy", parts: int = PARTS) -> Dialog:
    return Dialog([PYTHON, HERE / "ledger.py", "parts", database, kind, str(parts)])


def ours(bench: Bench) -> None:
    tool, home = "control station", bench.home("control station")
    database, store = home / "ledger.db", home / "store"

    def note(step: str, verb: str, state: str, into: Path | None = None) -> None:
        command: Sequence[str | Path] = [PYTHON, HERE / "ours.py", verb, database, home / state, store]
        bench.note(tool, step, into, lambda: run(command))

    note("first", "take", "primary", store)
    note("mirror first", "mirror", "standby")
    day(database, "heavy")
    note("heavy day", "take", "primary", store)
    note("mirror", "mirror", "standby")
    note("restore", "restore", "elsewhere")
    note("check", "verify", "elsewhere")
    day(database, "typical")
    note("typical day", "take", "primary", store)


def ours_in_parts(bench: Bench) -> None:
    tool, home = "control station", bench.home("control station 96")
    database, store = home / "ledger.db", home / "store"

    def step(verb: str, state: str) -> Sequence[str | Path]:
        return [PYTHON, HERE / "ours.py", verb, database, home / state, store]

    with Dialog(step("points", "primary")) as taker:
        taker.ask()
        run(step("mirror", "standby"))
        bench.parts = _asked(bench, taker, day_in_parts(database), f"heavy day in {PARTS}", store)
        for verb, state in (("mirror", "standby"), ("restore", "elsewhere"), ("verify", "elsewhere")):
            name = f"{'check' if verb == 'verify' else verb} {PARTS}"
            bench.note(tool, name, None, partial(run, step(verb, state)))
        _asked(bench, taker, day_in_parts(database, "typical", 1), "typical day in 1", store)


def _asked(bench: Bench, taker: Dialog, office: Dialog, step: str, store: Path) -> list[dict[str, Any]]:
    """A point after each part of the day, by a process that runs all day and follows the log."""
    before, found = stored_bytes(store), []
    with office:
        for _ in range(int(office.command[-1])):
            office.ask()
            found.append(taker.ask())
    wall_s, cpu_s = sum(each["wall_s"] for each in found), sum(each["cpu_s"] for each in found)
    cost = Cost(wall_s, cpu_s, max(each["peak_mb"] for each in found))
    bench.add(Step("control station", step, cost, (stored_bytes(store) - before) / 1e6))
    return found


def ours_trickle(bench: Bench) -> None:
    """The real loop, `station points`, as a host's agent starts it."""
    home = bench.home("control station trickle")
    store, state = home / "store", home / "fleet"
    command = [PYTHON, HERE / "ours.py", "fleet", home / "ledger.db", state, store]
    made = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    database, newest = Path(made.stdout.strip()), newest_point(store)
    for kind, _ in bench.drips:
        bench.dripped("nobody", kind, {"commits": alone(database, kind, ALONE_S)})
    with Daemon([STATION, "points", "bench", "--host", "pi1"], {"STATION_FLEET": str(state / "fleet.toml")}) as daemon:
        daemon.until(lambda: (store / "bench" / "main").exists() and newest() is not None)
        for kind, for_s in bench.drips:
            bench.dripped("control station", kind, trickle(database, daemon, store, newest, kind, for_s))


def sqlite(bench: Bench) -> None:
    tool, home = "sqlite3 .backup", bench.home("sqlite3 .backup")
    bench.note(tool, "first", home, lambda: peers.sqlite_backup(home / "ledger.db", home / "1.db"))


def rclone(bench: Bench) -> None:
    tool, home = "rclone", bench.home("rclone")
    database, remote = home / "ledger.db", home / "remote"
    bench.note(tool, "first", remote, lambda: peers.rclone_copy(database, remote / "1.db"))
    for kind in ("heavy", "typical"):
        day(database, kind)
        copy = partial(peers.rclone_copy, database, remote / f"{kind}.db")
        bench.note(tool, f"{kind} day", remote, copy)
    bench.note(tool, "restore", None, lambda: peers.rclone_restore(remote / "heavy.db", home / "restored.db"))


def restic(bench: Bench) -> None:
    tool, home = "restic", bench.home("restic")
    database, repository = home / "ledger.db", home / "repository"
    bench.note(tool, "first", repository, lambda: peers.restic(repository, "backup", database))
    day(database, "heavy")
    bench.note(tool, "heavy day", repository, lambda: peers.restic(repository, "backup", database))
    bench.note(tool, "restore", None, lambda: peers.restic_restore(repository, home / "restored"))
    bench.note(tool, "check", None, lambda: peers.restic(repository, "check", "--read-data"))
    day(database, "typical")
    bench.note(tool, "typical day", repository, lambda: peers.restic(repository, "backup", database))
    _restic_in_parts(bench)


def _restic_in_parts(bench: Bench) -> None:
    tool, home = "restic", bench.home("restic 96")
    database, repository = home / "ledger.db", home / "repository"
    peers.restic(repository, "backup", database)
    with day_in_parts(database) as office:
        for part in range(RESTIC_PARTS):
            office.ask()
            step = f"part {part + 1} of {PARTS}"
            files = [database, database.with_name("ledger.db-wal")]  # an app that runs has its last changes there
            bench.note(tool, step, repository, partial(peers.restic, repository, "backup", *files))


def litestream(bench: Bench) -> None:
    """Litestream works as a daemon: one from the first copy to the trickle, and another for the day in parts."""
    for tool, program in peers.litestream_programs(bench.work).items():
        _litestream(bench, tool, program)
        _litestream_in_parts(bench, tool, program)


def _litestream(bench: Bench, tool: str, program: Path) -> None:
    home = bench.home(tool)
    database, replica = home / "ledger.db", home / "replica"
    restored = home / "restored.db"
    with peers.litestream_daemon(program, database, replica) as daemon:
        bench.note(tool, "first", replica, lambda: daemon.until(Settled(replica)))

        def a_day(kind: str) -> Cost:
            day(database, kind)
            return daemon.until(Settled(replica))

        bench.note(tool, "heavy day", replica, lambda: a_day("heavy"))
        bench.note(tool, "restore", None, lambda: peers.litestream_restore(program, replica, restored))
        daemon.cost()
        bench.note(tool, "typical day", replica, lambda: a_day("typical"))
        newest = newest_segment(replica)
        for kind, for_s in bench.drips:
            bench.dripped(tool, kind, trickle(database, daemon, replica, newest, kind, for_s))


def _litestream_in_parts(bench: Bench, tool: str, program: Path) -> None:
    home = bench.home(f"{tool} 96")
    database, replica = home / "ledger.db", home / "replica"
    restored = home / "restored.db"
    with peers.litestream_daemon(program, database, replica) as daemon, day_in_parts(database) as office:
        daemon.until(Settled(replica))

        def parts() -> Cost:
            for _ in range(PARTS):
                office.ask()
                time.sleep(PAUSE_S)
            return daemon.until(Settled(replica))

        bench.note(tool, f"heavy day in {PARTS}", replica, parts)
    bench.note(tool, f"restore {PARTS}", None, lambda: peers.litestream_restore(program, replica, restored))
