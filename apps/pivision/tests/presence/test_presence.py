"""A model of the operator's adds who it saw to events; a broken one is told, and nothing else changes."""

import itertools
import os
import signal
import threading
import time

import numpy as np
import pytest

from pivision.config import Config, Region, RegionKind
from pivision.devices import configs
from pivision.devices.audit import By
from pivision.presence.asking import Presence
from pivision.presence.boxes import Box, Nobody, PresenceBroken
from pivision.presence.model import OpenCvDnn, config_beside
from pivision.scenes.families import family
from pivision.settings import Settings
from pivision.testing.pictures import picture
from pivision.worker.loop import Worker

EMPTY = np.zeros((48, 64, 3), np.uint8)
JPEG = picture(1, 128, 96)


def region(left, right, kind=RegionKind.INTERACTION):
    return Region("reach", kind, ((left, 0.0), (right, 0.0), (right, 1.0), (left, 1.0)))


def until(what, most_s=20.0):
    ends_s = time.monotonic() + most_s
    while not what():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


@pytest.fixture
def ask(make_model):
    """The worker's side of this model; closed when the test ends."""
    made = []

    def begin(model, **more):
        made.append(Presence(model, **more))
        return made[-1]

    yield begin
    for each in made:
        each.close()


def test_a_model_says_who_is_in_a_picture(make_model):
    model = make_model()
    [box] = OpenCvDnn(model, config_beside(model)).detect(EMPTY, ())
    assert box.score == pytest.approx(0.9) and (box.left, box.bottom) == (0.25, 0.75)


@pytest.mark.parametrize(
    ("regions", "seen"),
    [((), 1), ((region(0.4, 1),), 1), ((region(0.6, 1),), 0), ((region(0, 1, RegionKind.IGNORE),), 1)],
)
def test_only_who_is_at_a_region_counts(make_model, regions, seen):
    model = make_model()
    assert len(OpenCvDnn(model, config_beside(model)).detect(EMPTY, regions)) == seen


@pytest.mark.parametrize(
    ("answer", "beside", "boxes"),
    [
        ((4.0, 4.0, 4.0, 4.0, 0.8, 0.9), {"layout": "yolo5", "person": 0}, [Box(0.25, 0.25, 0.75, 0.75, 0.72)]),
        ((4.0, 4.0, 4.0, 4.0, 0.8, 0.1), {"layout": "yolo5", "person": 0}, []),
        ((0.0, 2.0, 0.9, 0.2, 0.2, 0.5, 0.7), {}, []),
        ((0.0, 1.0, 0.4, 0.2, 0.2, 0.5, 0.7), {}, []),
    ],
)
def test_each_layout_is_read_as_it_is_said(make_model, answer, beside, boxes):
    model = make_model(answer, **beside)
    found = OpenCvDnn(model, config_beside(model)).detect(EMPTY, ())
    assert [each.__dict__ for each in found] == [pytest.approx(each.__dict__) for each in boxes]


def test_nobody_is_the_default_and_sees_nobody():
    assert Nobody().detect(EMPTY, ()) == []
    assert Settings.from_env({"DATABASE_PATH": "/tmp/x.db"}, pages=False).presence_model is None
    told = {"DATABASE_PATH": "/tmp/x.db", "PRESENCE_MODEL": "/srv/m.onnx"}
    assert str(Settings.from_env(told, pages=False).presence_model) == "/srv/m.onnx"
    assert Presence(None).offer(1, 0.0, JPEG, ()) is False


@pytest.mark.parametrize(
    ("beside", "word"), [({"width": 4}, "width"), ({"layout": "x"}, "x"), ({"size": 3}, "nothing else")]
)
def test_what_is_said_beside_a_model_is_checked(make_model, beside, word):
    with pytest.raises(PresenceBroken, match=word):
        config_beside(make_model(**beside))


def test_a_model_is_asked_at_most_once_in_its_time_and_answers_later(make_model, ask):
    presence = ask(make_model(), every_s=60)
    until(lambda: presence.offer(1, 10.0, JPEG, ()))
    assert not presence.offer(1, 10.5, JPEG, ())
    until(lambda: presence.evidence(1, 9, 11))
    assert presence.evidence(1, 9, 11)["persons"] == 1
    assert presence.evidence(1, 11, 12) is None and presence.evidence(2, 9, 11) is None
    presence.check()


@pytest.mark.parametrize("content", [None, b"", b"no model at all", b"\x08\x07"])
def test_a_missing_or_broken_file_is_told_and_asked_no_more(make_model, ask, content):
    model = make_model()
    if content is None:
        model.unlink()
    else:
        model.write_bytes(content)
    presence = ask(model)
    until(lambda: presence._trouble)
    with pytest.raises(PresenceBroken, match=r"Nobody is looked for: .*model"):
        presence.check()
    assert not presence.offer(1, 10.0, JPEG, ())


def test_a_model_that_takes_too_long_is_ended(make_model, ask):
    presence = ask(make_model(), limit_s=0.2)
    until(lambda: not presence._busy)
    os.kill(presence._child.pid, signal.SIGSTOP)  # it is loaded, and will not answer
    assert presence.offer(1, 10.0, JPEG, ())
    until(lambda: presence._trouble)
    with pytest.raises(PresenceBroken, match=r"took longer than 0\.2 s"):
        presence.check()
    assert presence.evidence(1, 9, 11) is None


@pytest.fixture(scope="module")
def visit():
    """Pictures of a visit, and the regions drawn on them."""
    film = family("plain").make(11)
    last_s = min(each.closes_s for each in film.truth.expected if each.topic == "interaction") + 10
    return [jpeg for _, jpeg in itertools.takewhile(lambda shot: shot[0] < last_s, film.frames(0.5))], film.regions


@pytest.fixture
def watched(appliance, visit):
    """Look at the visit with this model, and tell the events: what is the same with every model, and who was seen."""

    def watch(presence):
        device = appliance.device()
        config = Config(regions=visit[1])
        configs.put(appliance.db, device, config, By("test", appliance.now), expected=0)
        worker = Worker(appliance.db, appliance.folder, threading.Event(), now=lambda: appliance.now, presence=presence)
        for begin in range(0, len(visit[0]), 4):
            appliance.receive(device, visit[0][begin : begin + 4])
            while worker.work_once():
                until(lambda: not presence._busy)
        return appliance.rows(
            "SELECT kind, slot, started_at, ended_at, person_count,"
            " json_extract(details, '$.presence.persons') AS persons FROM event ORDER BY id"
        )

    return watch


def test_who_was_seen_stands_in_the_event(make_model, ask, watched):
    presence = ask(make_model((0.0, 1.0, 0.9, 0.0, 0.0, 1.0, 1.0)), every_s=0)
    until(lambda: not presence._busy)
    rows = watched(presence)
    assert rows and all(row["persons"] == row["person_count"] == 1 for row in rows if row["kind"][0] == "i")


def test_a_broken_model_changes_no_event_and_is_told_where_health_is(appliance, ask, watched, tmp_path):
    presence = ask(tmp_path / "nowhere.onnx")
    until(lambda: presence._trouble)
    rows = watched(presence)
    assert rows and all(row["person_count"] is None and row["persons"] is None for row in rows)
    worker = Worker(appliance.db, appliance.folder, threading.Event(), now=lambda: appliance.now, presence=presence)
    threading.Timer(0.3, worker._stop.set).start()
    worker.run()
    [row] = appliance.rows("SELECT last_error FROM health WHERE name = 'presence'")
    assert row["last_error"].startswith("Nobody is looked for: there is no file")
