"""Ask an app on this host so many times a second, each time over a new connection, every other time to write a row.

`load.py PORT PER_SECOND PREFIX STOP_FILE`: until the file is there. Prints what came of it as one JSON object.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path

PORT, PER_SECOND, PREFIX, STOP = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
lock = threading.Lock()
told = {"asked": 0, "written": [], "failed": [], "slowest_s": 0.0, "by": {}, "late_s": []}


def ask(number):
    began = time.monotonic()
    name = f"{PREFIX}-{number}"
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        connection.request("POST", "/rows", name) if number % 2 else connection.request("GET", "/rows")
        answer = connection.getresponse()
        said, status = answer.read().decode(), answer.status
        connection.close()
    except (OSError, http.client.HTTPException) as why:
        said, status = repr(why), 0
    took_s = time.monotonic() - began
    with lock:
        told["late_s"].append(round(took_s, 4))
        told["slowest_s"] = max(told["slowest_s"], took_s)
        if status != 200:
            told["failed"].append(f"{number}: {status} {said.strip()}")
            return
        told["by"][said.split()[0]] = told["by"].get(said.split()[0], 0) + 1
        if number % 2:
            told["written"].append(name)


threads, began, number = [], time.monotonic(), 0
while not Path(STOP).exists():
    threads.append(threading.Thread(target=ask, args=(number,)))
    threads[-1].start()
    number += 1
    time.sleep(max(0, began + number / PER_SECOND - time.monotonic()))
for thread in threads:
    thread.join()
told["asked"] = number
sys.stdout.write(json.dumps(told) + "\n")
