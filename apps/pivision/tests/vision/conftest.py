"""The drawn stand, and a detector that has looked at it for a while."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from vision_stand import REGIONS, Stand, Watcher

from pivision.config import Tuning
from pivision.vision.detector import Detector


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def watcher(stand: Stand) -> Watcher:
    """At a stand that has been empty for 15 s."""
    made = Watcher(stand, Detector(Tuning(), REGIONS))
    made.look(15)
    return made
