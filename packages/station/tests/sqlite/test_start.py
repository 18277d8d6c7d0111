"""What every command pays before it does anything."""

import subprocess
import sys

import pytest

COUNT = "import os, {}; print(len(os.listdir('/proc/self/task')))"


@pytest.mark.parametrize("module", ["station.sqlite.hashes", "station.points.taker"])
def test_what_needs_numpy_starts_no_threads_for_it(module: str) -> None:
    env = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", COUNT.format(module)], env=env, capture_output=True, check=True)
    assert int(done.stdout) == 1
