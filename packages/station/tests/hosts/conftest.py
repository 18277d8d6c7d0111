"""Real child processes for the tests of units."""

import os
import sys
import time

import pytest

from station.clock import utc_now
from station.hosts.foreground import Foreground, UnitSpec


@pytest.fixture
def wait_for():
    def wait(condition, within_s=60.0):
        deadline_s = time.monotonic() + within_s
        while not (found := condition()):
            assert time.monotonic() < deadline_s, "it did not happen in time"
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture
def spec(tmp_path):
    """A unit that runs the given Python text."""

    def make(text, *arguments, name="unit", **more):
        command = (sys.executable, "-I", "-S", "-c", text, *map(str, arguments))
        return UnitSpec(name, command, {"PATH": os.defpath}, tmp_path / f"{name}.log", **more)

    return make


@pytest.fixture
def foreground():
    units = Foreground(utc_now)
    yield units
    units.stop(list(units.units))
