"""Run a command on a host and print what the kernel counted for it and its children, as one JSON object.

`cost.py COMMAND...`: seconds of wall clock and of CPU (user and system), peak resident memory in MB (10**6 bytes) of
the largest of its processes, exit code, and the end of what it said. What systemd does at its request is systemd's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryFile() as output:
    began_s = time.monotonic()
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began_s
    process.returncode = os.waitstatus_to_exitcode(status)
    output.seek(0)
    said = output.read().decode(errors="replace")
cost = {
    "wall_s": round(wall_s, 3),
    "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
    "peak_mb": round(usage.ru_maxrss * 1024 / 1e6, 1),
    "code": process.returncode,
    "said": said[-4000:],
}
sys.stdout.write(json.dumps(cost) + "\n")
