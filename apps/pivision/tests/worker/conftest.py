"""A visit at a stand, as pictures two a second, and a worker that looks at them."""

import itertools
import threading
from dataclasses import dataclass

import pytest

from pivision.config import Config
from pivision.devices import configs
from pivision.devices.audit import By
from pivision.scenes.families import family
from pivision.worker.loop import Worker

EVERY_S = 0.5


@dataclass
class Scene:
    """Pictures and the regions that an operator drew on them."""

    jpegs: list[bytes]
    regions: tuple

    def receive(self, appliance, device_id, begin=0, end=None):
        """As the server would have stored them; their capture ids."""
        return appliance.receive(device_id, self.jpegs[begin:end], every_s=EVERY_S)


@pytest.fixture(scope="session")
def scene():
    """The first visit of a plain film, in which something is taken."""
    film = family("plain").make(11)
    last_s = min(each.closes_s for each in film.truth.expected if each.topic == "stock") + 10
    shots = itertools.takewhile(lambda shot: shot[0] < last_s, film.frames(EVERY_S))
    return Scene([jpeg for _, jpeg in shots], film.regions)


@pytest.fixture
def stand(appliance, scene):
    """A camera with its regions drawn."""
    device = appliance.device()
    by = By("test", appliance.now)
    configs.put(appliance.db, device, Config(regions=scene.regions), by, expected=0)
    return device


@pytest.fixture
def make_worker(appliance):
    """A worker, as a process would begin it: nothing in memory."""
    return lambda: Worker(appliance.db, appliance.folder, threading.Event(), now=lambda: appliance.now)


@pytest.fixture
def look_at_all(make_worker):
    """Looks until nothing waits."""

    def look(worker=None):
        worker = worker or make_worker()
        while worker.work_once():
            pass
        return worker

    return look
