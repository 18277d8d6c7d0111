"""Restore points beside their peers, in one run: first copy, one business day later, restore, mirror, writer.

    .venv/bin/python bench/points/run.py WORKDIR [--rows N] [--only NAME]...

WORKDIR wants 15 GB. Needs Debian's `restic` and `sqlite3`; Litestream 0.3 and 0.5 come from PyPI. Prints a table and
writes WORKDIR/figures.json. Wall times depend on the machine and its load; CPU seconds, bytes and ratios are what to
compare.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import ledger
import peers
from measure import Cost, run, settled, stored_bytes

HERE = Path(__file__).parent
PYTHON = Path(sys.executable)


@dataclass(frozen=True)
class Step:
    """One tool's answer to one question. `stored_mb` is what its store grew by."""

    tool: str
    step: str
    cost: Cost
    stored_mb: float | None


class Bench:
    """The work folder, a copy of the database for each tool, and the steps measured so far."""

    def __init__(self, work: Path, rows: int) -> None:
        self.work = work
        self.steps: list[Step] = []
        self.base = work / f"base-{rows}.db"
        if not self.base.exists():
            ledger.generate(self.base, rows)

    def copy(self, tool: str) -> Path:
        home = self.work / tool.replace(" ", "-")
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        shutil.copyfile(self.base, home / "ledger.db")
        return home

    def day(self, database: Path) -> None:
        run([PYTHON, HERE / "ledger.py", "business-day", database])

    def note(self, tool: str, step: str, store: Path | None, act: Callable[[], Cost]) -> None:
        before = stored_bytes(store) if store and store.exists() else 0
        cost = act()
        grown = (stored_bytes(store) - before) / 1e6 if store else None
        self.steps.append(Step(tool, step, cost, grown))
        shown = f"{grown:9.1f} MB" if grown is not None else " " * 12
        line = (
            f"{tool:16} {step:12} {cost.wall_s:7.1f} s wall {cost.cpu_s:7.2f} s CPU {cost.peak_mb:7.0f} MB peak {shown}"
        )
        print(line, flush=True)

    def ours(self) -> None:
        home = self.copy("control station")
        database, store = home / "ledger.db", home / "store"

        def step(verb: str, state: str) -> Callable[[], Cost]:
            return lambda: run([PYTHON, HERE / "ours.py", verb, database, home / state, store])

        self.note("control station", "first", store, step("take", "primary"))
        self.note("control station", "mirror first", None, step("mirror", "standby"))
        self.day(database)
        self.note("control station", "next", store, step("take", "primary"))
        self.note("control station", "mirror next", None, step("mirror", "standby"))
        self.note("control station", "restore", None, step("restore", "elsewhere"))

    def sqlite(self) -> None:
        home = self.copy("sqlite3 .backup")
        self.note("sqlite3 .backup", "first", home, lambda: peers.sqlite_backup(home / "ledger.db", home / "1.db"))
        self.day(home / "ledger.db")
        self.note("sqlite3 .backup", "next", home, lambda: peers.sqlite_backup(home / "ledger.db", home / "2.db"))

    def restic(self) -> None:
        home = self.copy("restic")
        database, repository = home / "ledger.db", home / "repository"
        self.note("restic", "first", repository, lambda: peers.restic_backup(database, repository))
        self.day(database)
        self.note("restic", "next", repository, lambda: peers.restic_backup(database, repository))
        self.note("restic", "restore", None, lambda: peers.restic_restore(repository, home / "restored"))

    def litestream(self) -> None:
        """Litestream works as a daemon: the same one from the first copy to the day's end."""
        for label, program in peers.litestream_programs(self.work).items():
            home = self.copy(label)
            database, replica = home / "ledger.db", home / "replica"
            with peers.litestream_daemon(program, database, replica) as daemon:
                self.note(label, "first", replica, lambda d=daemon, r=replica: d.until(settled(r)))
                self.day(database)
                self.note(label, "next", replica, lambda d=daemon, r=replica: d.until(settled(r)))
            target = home / "restored.db"
            self.note(label, "restore", None, lambda p=program, r=replica, t=target: peers.litestream_restore(p, r, t))

    def writer(self, rounds: int = 3, for_s: float = 30.0) -> dict[str, list[dict[str, float]]]:
        """20 commits a second, with and without a point every 5 s, in turns."""
        home = self.copy("writer")
        database = home / "ledger.db"
        run([PYTHON, HERE / "ours.py", "take", database, home / "primary", home / "store"])
        answers: dict[str, list[dict[str, float]]] = {"alone": [], "with points": []}
        for _ in range(rounds):
            for name, figures in answers.items():
                taker = None
                if name == "with points":
                    step = [PYTHON, HERE / "ours.py", "points", database, home / "primary", home / "store", "5", "99"]
                    taker = subprocess.Popen([str(part) for part in step])
                command = [PYTHON, HERE / "writer.py", database, "20", str(for_s)]
                done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
                if taker:
                    taker.terminate()
                    taker.wait()
                figures.append(json.loads(done.stdout))
                print(f"writer {name:12} {done.stdout.strip()}", flush=True)
        return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rows", type=int, default=ledger.ROWS)
    parser.add_argument("--only", action="append", choices=("ours", "sqlite", "restic", "litestream", "writer"))
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(chosen.work.resolve(), chosen.rows)
    wanted = chosen.only or ["ours", "sqlite", "restic", "litestream", "writer"]
    for name in wanted:
        if name != "writer":
            getattr(bench, name)()
    figures = {"database_bytes": bench.base.stat().st_size, "steps": [asdict(step) for step in bench.steps]}
    if "writer" in wanted:
        figures["writer"] = bench.writer()
    (chosen.work / "figures.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
