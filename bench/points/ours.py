"""The product's side of the bench, one process per step, so that the kernel's count of it is whole.

ours.py take DB STATE STORE        one restore point
ours.py restore DB STATE STORE     the newest point to STATE/restored.db
ours.py mirror DB STATE STORE      bring STATE/mirror up to the newest point
ours.py points DB STATE STORE S N  a point every S seconds, N of them
"""

import sys
import time
from pathlib import Path

from station.clock import utc_now
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.taker import PointTaker
from station.stores.directory import DirectoryStore

IDENTITY = DatabaseId("bench", "main")


def main(verb: str, database: Path, state: Path, store_folder: Path, *figures: str) -> None:
    state.mkdir(parents=True, exist_ok=True)
    store = DirectoryStore("bench", store_folder)
    store.initialise()
    if verb in ("take", "points"):
        every_s, count = (float(figures[0]), int(figures[1])) if figures else (0.0, 1)
        with PointTaker(database, IDENTITY, store, state, "bench") as taker:
            for _ in range(count):
                taker.take(1, utc_now(), still_ours=lambda: None)
                time.sleep(every_s)
    elif verb == "restore":
        restore(store, list_points(store, IDENTITY)[-1], state / "restored.db")
    elif verb == "mirror":
        Mirror(state / "mirror", store, IDENTITY).catch_up()
    else:
        raise SystemExit(f"no step {verb!r}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])
