"""The product's side of the bench, one process per step, so that the kernel's count of it is whole.

ours.py take DB STATE STORE      one restore point, by a process that knows nothing of the ones before
ours.py points DB STATE STORE    one for each line it reads, five minutes apart by its clock; answers what each cost
ours.py restore DB STATE STORE   the newest point to STATE/restored.db
ours.py verify DB STATE STORE    `station db verify --deep`
ours.py mirror DB STATE STORE    bring STATE/mirror up to the newest point
ours.py fleet DB STATE STORE     make STATE/fleet.toml for `station points bench --host pi1`; DB moves into it
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from station.clock import utc_now
from station.cluster.lease import Lease
from station.cluster.roles import write_epoch
from station.fleet import load_fleet
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.target import Rules
from station.points.verify import verify
from station.stores.directory import DirectoryStore

IDENTITY = DatabaseId("bench", "main")
RULES = Rules(encoding="delta")
FIVE_MINUTES = timedelta(minutes=5)
FLEET = """\
name = "bench"
[control]
host = "pi2"
port = 5099
[hosts.pi1]
folder = "pi1"
[hosts.pi2]
folder = "pi2"
[stores.disk]
kind = "directory"
path = "{store}"
[apps.bench]
manifest = "app.toml"
primary = "pi1"
standby = ["pi2"]
stores = ["disk"]
[apps.bench.points]
every_s = 2
"""
APP = """\
name = "bench"
[databases.main]
file = "ledger.db"
[processes.web]
command = ["true"]
port = 8199
[processes.web.health]
"""


def take(database: Path, state: Path, store: DirectoryStore) -> None:
    with PointTaker(database, IDENTITY, store, state, "bench", rules=RULES) as taker:
        taker.take(1, utc_now(), still_ours=lambda: None)


def points(database: Path, state: Path, store: DirectoryStore) -> None:
    now = utc_now()
    with PointTaker(database, IDENTITY, store, state, "bench", rules=RULES) as taker:
        for _ in sys.stdin:
            began_s, cpu_s = time.monotonic(), time.process_time()
            point = taker.take(1, now, still_ours=lambda: None)
            answer = {
                "wall_s": time.monotonic() - began_s,
                "cpu_s": time.process_time() - cpu_s,
                "pages": point.changed_pages if point else 0,
                "bytes": point.object_bytes if point else 0,
                "peak_mb": peak_mb(),
            }
            print(json.dumps(answer), flush=True)
            now += FIVE_MINUTES


def peak_mb() -> float:
    """Since the last call, or the start."""
    lines = Path("/proc/self/status").read_text().splitlines()
    Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def restored(database: Path, state: Path, store: DirectoryStore) -> None:
    target = state / "restored.db"
    target.unlink(missing_ok=True)
    restore(store, list_points(store, IDENTITY)[-1], target)


def verified(database: Path, state: Path, store: DirectoryStore) -> None:
    broken = [finding for finding in verify(store, IDENTITY, deep=True, scratch=state) if not finding.whole]
    if broken:
        raise SystemExit(f"the store is not whole: {broken}")


def mirrored(database: Path, state: Path, store: DirectoryStore) -> None:
    Mirror(state / "mirror", store, IDENTITY).catch_up()


def fleet(database: Path, state: Path, store: DirectoryStore) -> None:
    (state / "fleet.toml").write_text(FLEET.format(store=store.path))
    (state / "app.toml").write_text(APP)
    loaded = load_fleet(state / "fleet.toml")
    paths = loaded.hosts["pi1"].paths
    Lease(store, "bench").take("pi1", 0, "first start", utc_now())
    write_epoch(paths.state("bench"), 1, utc_now())
    file = paths.database("bench", loaded.apps["bench"].databases["main"])
    file.parent.mkdir(parents=True)
    database.rename(file)
    print(file)


STEPS: dict[str, Callable[[Path, Path, DirectoryStore], None]] = {
    "take": take,
    "points": points,
    "restore": restored,
    "verify": verified,
    "mirror": mirrored,
    "fleet": fleet,
}


def main(verb: str, database: Path, state: Path, store_folder: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    store = DirectoryStore("bench", store_folder)
    store.initialise()
    STEPS[verb](database, state, store)


if __name__ == "__main__":
    main(sys.argv[1], *(Path(argument).resolve() for argument in sys.argv[2:5]))
