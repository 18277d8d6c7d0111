"""The figures of the backups beside their peers, in one run.

    .venv/bin/python bench/points/run.py WORKDIR [--rows N] [--only NAME]...

WORKDIR wants 25 GB. Needs Debian's `rclone`, `restic` and `sqlite3`; Litestream 0.3 and 0.5 come from PyPI. Prints a
line for each step and writes WORKDIR/figures.json, which `report.py` turns into tables. Wall times depend on the
machine and its load; CPU seconds, bytes and ratios are what to compare.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import tools
from measure import run

ROWS = 3_020_000  # of `ledger.py`: 1.41 GB
STEPS: dict[str, Callable[[tools.Bench], None]] = {
    "ours": tools.ours,
    "ours-in-parts": tools.ours_in_parts,
    "ours-trickle": tools.ours_trickle,
    "restic": tools.restic,
    "rclone": tools.rclone,
    "litestream": tools.litestream,
    "sqlite": tools.sqlite,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--trickle", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--only", action="append", choices=STEPS)
    chosen = parser.parse_args()
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    base = work / f"base-{chosen.rows}.db"
    if not base.exists():
        run([sys.executable, tools.HERE / "ledger.py", "generate", base, str(chosen.rows)])
    bench = tools.Bench(work, base, chosen.trickle)
    began_s = time.monotonic()
    for name in chosen.only or STEPS:
        STEPS[name](bench)
        figures = {
            "database_bytes": base.stat().st_size,
            "processors": os.cpu_count(),
            "took_s": time.monotonic() - began_s,
            "loads": bench.loads,
            "steps": [asdict(step) for step in bench.steps],
            "parts": bench.parts,
            "trickles": bench.trickles,
        }
        (work / "figures.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
