"""Debian's OpenCV 4.6 and numpy 1.24, of the system's own Python, see what the newest ones see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pivision
import station_kit

PYTHON = Path("/usr/bin/python3")
LOOK = """
import itertools, json
from pivision.config import Config
from pivision.replay.running import replay
from pivision.replay.shots import Shot
from pivision.scenes.families import family
film = family("plain").make(11)
last_s = min(each.closes_s for each in film.truth.expected if each.topic == "stock") + 10
shots = itertools.takewhile(lambda shot: shot[0] < last_s, film.frames(0.5))
width, height = film.size
run = replay((Shot(n, at_s, width, height, jpeg) for n, (at_s, jpeg) in enumerate(shots, 1)),
             Config(regions=film.regions))
print(json.dumps([[each.kind, each.moment, each.slot] for each in run.findings]))
"""


def look(python):
    """What is found in a film with one visit, in which something is taken."""
    sources = os.pathsep.join(str(Path(each.__file__).parents[1]) for each in (pivision, station_kit))
    told = subprocess.run(
        [str(python), "-c", LOOK], env={"PYTHONPATH": sources}, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def has_opencv(python):
    if not python.exists():
        return False
    return subprocess.run([python, "-c", "import cv2"], capture_output=True, check=False).returncode == 0


def test_debians_opencv_sees_the_same_visit():
    if not has_opencv(PYTHON):
        pytest.skip("no OpenCV in the system's Python here (apt install python3-opencv)")
    found = look(PYTHON)
    assert found == look(sys.executable)
    assert ["interaction_detected", "ended", ""] in found and any(kind == "stock_changed" for kind, _, _ in found)
