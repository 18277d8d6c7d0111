"""A writer at a steady number of commits a second; prints what its commits took, in ms."""

import json
import random
import sqlite3
import sys
import time


def write(path: str, per_second: float, for_s: float) -> dict[str, float]:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("PRAGMA synchronous=NORMAL")
    last = db.execute("SELECT max(id) FROM spots").fetchone()[0]
    dice = random.Random(3)
    took_ms: list[float] = []
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < for_s:
        begun = time.monotonic()
        db.execute("BEGIN IMMEDIATE")
        for _ in range(8):
            db.execute("UPDATE spots SET comments = ? WHERE id = ?", (f"{elapsed:.3f}", dice.randrange(1, last)))
        db.execute("COMMIT")
        took_ms.append(1000 * (time.monotonic() - begun))
        time.sleep(max(0.0, started + len(took_ms) / per_second - time.monotonic()))
    db.close()
    took_ms.sort()
    rank = lambda share: took_ms[min(len(took_ms) - 1, int(share * len(took_ms)))]  # noqa: E731
    return {"commits": len(took_ms), "median_ms": rank(0.5), "p99_ms": rank(0.99), "worst_ms": took_ms[-1]}


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))))
