"""Ask an app on this host so many times a second, each time over a new connection; by a seed, some write a row.

`load.py '{"port": 8100, "per_second": 50, "seed": 1, "get": "/rows", "post": "/rows", "status": 200, "prefix": "a",
"stop": "/run/stop", "at_most_s": 60}'` until the file is there. Without `post` every request is a GET. Prints one
JSON object: what was asked, what failed and when, the rows whose POST was answered, and how long answers took.
"""

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

ASKED = json.loads(sys.argv[1])
PATIENCE_S = 30
lock = threading.Lock()
took_s: list[float] = []
written: list[str] = []
failed: list[tuple[float, str]] = []


def ask(name: str, writes: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", ASKED["port"], timeout=PATIENCE_S)
    asked_s = time.monotonic()
    try:
        if writes:
            connection.request("POST", ASKED["post"], name)
        else:
            connection.request("GET", ASKED["get"])
        answer = connection.getresponse()
        answer.read()
        why = "" if answer.status == ASKED["status"] else f"status {answer.status}"
    except (OSError, http.client.HTTPException) as error:
        why = type(error).__name__
    finally:
        connection.close()
    with lock:
        if why:
            failed.append((asked_s - began_s, why))
            return
        took_s.append(time.monotonic() - asked_s)
        if writes:
            written.append(name)


chance = random.Random(ASKED["seed"])
threads: list[threading.Thread] = []
began_s = time.monotonic()
while not Path(ASKED["stop"]).exists() and time.monotonic() - began_s < ASKED["at_most_s"]:
    writes = bool(ASKED["post"]) and chance.random() < 0.5
    threads.append(threading.Thread(target=ask, args=(f"{ASKED['prefix']}-{len(threads)}", writes)))
    threads[-1].start()
    time.sleep(max(0, began_s + len(threads) / ASKED["per_second"] - time.monotonic()))
asked_for_s = time.monotonic() - began_s
for thread in threads:
    thread.join()
took_s.sort()
times = sorted(at_s for at_s, _ in failed)
told = {
    "asked": len(threads),
    "for_s": round(asked_for_s, 1),
    "failed": len(failed),
    "why": Counter(why for _, why in failed),
    "failing_s": round(times[-1] - times[0], 2) if times else 0.0,
    "written": written,
    "p50_ms": round(1000 * took_s[len(took_s) // 2], 1) if took_s else None,
    "p99_ms": round(1000 * took_s[int(len(took_s) * 0.99)], 1) if took_s else None,
    "max_ms": round(1000 * took_s[-1], 1) if took_s else None,
}
sys.stdout.write(json.dumps(told) + "\n")
