"""A trickle of commits, and a reader of the store: how old is the newest state that it could restore?"""

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from measure import Daemon, stored_bytes

COMMITS_A_SECOND = 50
LOOK_EVERY_S = 0.1
CALM_S = 6.0  # until it counts: the first point of a trickle has all that came before it
WRITER = Path(__file__).with_name("writer.py")

Newest = Callable[[], float | None]
"""When the newest state that the store can give back was the database's, in seconds since 1970."""


def trickle(database: Path, daemon: Daemon, store: Path, newest: Newest, kind: str, for_s: float) -> dict[str, Any]:
    """What the daemon costs, and the ages that a reader of the store sees every 0.1 s, while the writer writes."""
    ages: list[float] = []
    with _writing(database, kind, CALM_S + for_s) as writer:
        time.sleep(CALM_S)
        daemon.cost()
        held, began_s = stored_bytes(store), time.monotonic()
        while time.monotonic() - began_s < for_s - 1:
            stands_at = newest()
            if stands_at is not None:
                ages.append(time.time() - stands_at)
            time.sleep(LOOK_EVERY_S)
        cost, grown = daemon.cost(), stored_bytes(store) - held
        commits = json.loads(writer.communicate()[0])
    ages.sort()
    return {
        "seconds": cost.wall_s,
        "cpu_percent": 100 * cost.cpu_s / cost.wall_s,
        "age_median_s": statistics.median(ages),
        "age_p99_s": ages[int(0.99 * len(ages))],
        "age_worst_s": ages[-1],
        "mb_an_hour": grown / 1e6 * 3600 / cost.wall_s,
        "peak_mb": cost.peak_mb,
        "commits": commits,
    }


def alone(database: Path, kind: str, for_s: float) -> dict[str, float]:
    """What the writer's commits take when nobody copies."""
    with _writing(database, kind, for_s) as writer:
        commits: dict[str, float] = json.loads(writer.communicate()[0])
    return commits


def newest_point(store: Path) -> Newest:
    """The time in the newest record: the reading of the database began after it."""

    def newest() -> float | None:
        records = [path for path in _below(store / "bench" / "main") if re.fullmatch(r"\d{6}\.json", path.name)]
        if not records:
            return None
        record = json.loads(max(records).read_text())
        return datetime.fromisoformat(record["taken_at"]).timestamp()

    return newest


def newest_segment(replica: Path) -> Newest:
    """The time of the newest file of the log, as Litestream stamped it; what it compacts does not count."""

    def newest() -> float | None:
        folders = [path for path in (replica / "generations", replica / "ltx" / "0") if path.exists()]
        times = [_changed_at(path) for folder in folders for path in folder.rglob("*.l*")]
        return max(times, default=None)

    return newest


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # tidied while we looked
        return 0.0


def _below(folder: Path) -> Iterator[Path]:
    chains = sorted(path for path in folder.iterdir() if path.is_dir())
    return chains[-1].iterdir() if chains else iter(())


@contextmanager
def _writing(database: Path, kind: str, for_s: float) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(WRITER), str(database), str(COMMITS_A_SECOND), str(for_s), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
