"""Ask an app on this host so many times a second, half of it over connections that stay open, until told to stop.

`clients.py PORT PER_SECOND PATH STATUS STOP_FILE` prints one JSON object. An open connection is left only when an
answer said so, and nothing is asked twice: whatever is lost counts as failed.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path

PORT, PER_SECOND, PATH, STATUS = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], int(sys.argv[4])
STOP = Path(sys.argv[5])
CLIENTS = 10
PATIENCE_S = 60
lock = threading.Lock()
told: dict[str, object] = {"asked": 0, "failed": [], "slowest_s": 0.0}


def client(number: int) -> None:
    """One of those who ask; every other one keeps its connection."""
    every_s = CLIENTS / PER_SECOND
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE_S)
    due = time.monotonic() + every_s * number / CLIENTS
    while not STOP.exists():
        time.sleep(max(0.0, due - time.monotonic()))
        due += every_s
        began = time.monotonic()
        said = ask(connection)
        with lock:
            told["asked"] += 1
            told["slowest_s"] = max(told["slowest_s"], round(time.monotonic() - began, 3))
            told["failed"] += said
        if number % 2:
            connection.close()
    connection.close()


def ask(connection: http.client.HTTPConnection) -> list[str]:
    """What went wrong, if anything did."""
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as why:
        connection.close()
        return [repr(why)]
    return [] if answer.status == STATUS else [f"status {answer.status}"]


threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
for each in threads:
    each.start()
for each in threads:
    each.join()
sys.stdout.write(json.dumps(told) + "\n")
