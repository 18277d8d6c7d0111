"""Run a command to its end and write what it cost: COSTFILE COMMAND...

The kernel lets a new process begin with the peak of the one that started it. So the bench, which may have held half a
gigabyte, does not start what it measures: this does, of which nothing is larger than a bare interpreter.
"""

import json
import os
import sys
import time

told, *command = sys.argv[1:]
began = time.monotonic()
_, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
cost = {
    "wall_s": time.monotonic() - began,
    "cpu_s": usage.ru_utime + usage.ru_stime,
    "peak_mb": usage.ru_maxrss * 1024 / 1e6,
    "code": os.waitstatus_to_exitcode(status),
}
with open(told, "w") as file:  # noqa: PTH123 - without pathlib, so that this stays small
    json.dump(cost, file)
