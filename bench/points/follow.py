"""What a look costs: follow the log after 100 commits, beside a full scan of the same database. Prints JSON.

follow.py DATABASE ROUNDS     DATABASE is written to; run.py --keep leaves one
"""

import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from station.sqlite.livelog import read_generation, read_on, start_of
from station.sqlite.scan import Database, Snapshot

COMMITS = 100
T = TypeVar("T")


def main(path: Path, rounds: int) -> None:
    app = sqlite3.connect(path, isolation_level=None)
    app.execute("pragma journal_mode = wal")
    app.execute("pragma synchronous = normal")
    dice = random.Random()  # a seed would write what the last run wrote
    commit(app, dice, 1)
    figures: dict[str, object] = {"rounds": rounds, "commits_a_round": COMMITS}
    follows, confirmed, scans, changed = [], [], 0, []
    with Database(path) as database:
        with database.reading() as snapshot:
            pages, figures["scan_cpu_ms"] = timed(snapshot.scan)
            figures["pages"] = pages.page_count
        for _ in range(rounds):
            commit(app, dice, COMMITS)
            with database.reading() as snapshot:
                moment, took_ms = timed(snapshot.follow)
                if moment is None:
                    scans += 1
                    snapshot.scan()
                    continue
                follows.append(took_ms)
                changed.append(len(moment.changed))
                _, read_ms = timed(lambda moment=moment: [moment.page(number) for number in moment.changed])
                confirmed.append(read_ms)
        with database.reading() as snapshot:
            figures["right"] = snapshot.confirm(snapshot.follow() or moment)
        follows.sort()
        figures |= {"scans_after_the_first": scans, "changed_pages_median": statistics.median(changed)}
        figures |= {"follow_cpu_ms_median": statistics.median(follows), "follow_cpu_ms_worst": follows[-1]}
        figures["reading_changed_pages_cpu_ms_median"] = statistics.median(confirmed)
        app.execute("pragma wal_autocheckpoint = 0")
        app.execute("begin")
        app.execute("update spots set comments = 'x' where id % 60 = 0")
        app.execute("commit")
        with database.reading() as snapshot:
            (frames, figures["long_log_parse_cpu_ms"]) = timed(lambda: parse(snapshot))
            figures["long_log_frames"] = frames
            _, figures["long_log_follow_cpu_ms"] = timed(snapshot.follow)
    app.close()
    print(json.dumps(figures, indent=1))


def commit(app: sqlite3.Connection, dice: random.Random, times: int) -> None:
    last = app.execute("select max(id) from spots").fetchone()[0]
    for _ in range(times):
        app.execute("begin immediate")
        for _ in range(3):
            app.execute("update spots set comments = ? where id = ?", (str(dice.random()), dice.randrange(1, last)))
        app.execute("commit")


def parse(snapshot: Snapshot) -> int:
    def read(offset: int, amount: int) -> bytes:
        return snapshot.connection.read("main", 1, offset, amount)[1]

    generation = read_generation(read)
    return read_on(read, start_of(generation)).end.frame if generation else 0


def timed(act: Callable[[], T]) -> tuple[T, float]:
    begun = time.process_time()
    return act(), round(1000 * (time.process_time() - begun), 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
