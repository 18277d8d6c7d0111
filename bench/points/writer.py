"""A writer at a steady number of commits a second; prints what its commits took, in ms.

writer.py DATABASE COMMITS_A_SECOND SECONDS KIND     "recent": an update among the last two months, and a line of audit
                                                     "scattered": 8 updates anywhere in the ledger
"""

import json
import random
import sqlite3
import sys
import time


def write(path: str, per_second: float, for_s: float, kind: str) -> dict[str, float]:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("PRAGMA synchronous=NORMAL")
    last = db.execute("SELECT max(id) FROM spots").fetchone()[0]
    recent = range(max(1, last - 62_000), last)
    dice = random.Random()  # a seed would write what the last run wrote
    took_ms: list[float] = []
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < for_s:
        begun = time.monotonic()
        db.execute("BEGIN IMMEDIATE")
        note = f"{elapsed:.3f} {dice.randrange(10**6)}"
        if kind == "scattered":
            db.executemany(UPDATE, [(note, dice.randrange(1, last)) for _ in range(8)])
        else:
            db.execute(UPDATE, (note, dice.choice(recent)))
            db.execute("INSERT INTO audit (at, actor, action) VALUES (?, 'user 7', 'changed a comment')", (note,))
        db.execute("COMMIT")
        took_ms.append(1000 * (time.monotonic() - begun))
        time.sleep(max(0.0, started + len(took_ms) / per_second - time.monotonic()))
    db.close()
    took_ms.sort()
    median_ms, p99_ms = took_ms[len(took_ms) // 2], took_ms[int(0.99 * len(took_ms))]
    return {"commits": len(took_ms), "median_ms": median_ms, "p99_ms": p99_ms, "worst_ms": took_ms[-1]}


UPDATE = "UPDATE spots SET comments = ? WHERE id = ?"

if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4])))
