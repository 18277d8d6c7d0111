"""Talking to an agent: steps stream, errors come out as they were raised, whatever the length of the path."""

import queue
import stat
import threading
import time

import pytest

from station.cluster.control import ControlServer
from station.cluster.peer import Peer
from station.errors import GateFailed, NotRunning, StationError
from station.fleet import HostPaths


@pytest.fixture
def paths(tmp_path):
    deep = tmp_path / ("a-folder-with-a-rather-long-name-" * 3) / ("and-another-one-" * 4)
    assert len(str(HostPaths(deep).socket)) > 108
    return HostPaths(deep)


@pytest.fixture
def requests(paths):
    waiting = queue.Queue()
    with ControlServer(paths.socket, waiting, lambda: {"host": "one"}):
        yield waiting


def answering(requests, answer):
    def serve():
        answer(requests.get(timeout=30))

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_steps_come_before_the_answer(paths, requests):
    def answer(request):
        assert (request.verb, request.arguments) == ("demote", {"app": "counter", "flush": True})
        request.step("stopping")
        request.step("taking the last point")
        request.done({"epoch": 3})

    thread = answering(requests, answer)
    steps = []
    assert Peer("one", paths).call("demote", on_step=steps.append, app="counter", flush=True) == {"epoch": 3}
    assert steps == ["stopping", "taking the last point"]
    thread.join()


def test_an_error_comes_out_as_it_was_raised(paths, requests):
    thread = answering(requests, lambda request: request.fail(GateFailed("not healthy", "see the log")))
    with pytest.raises(GateFailed) as caught:
        Peer("one", paths).call("promote")
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == ("not healthy", "see the log", 17)
    thread.join()


class _OfAnotherVersion(StationError):
    pass


def test_an_error_that_nobody_knows_is_a_plain_one(paths, requests):
    def answer(request):
        error = _OfAnotherVersion("something new")
        type(error).__name__ = "Unheard"
        request.fail(error)

    thread = answering(requests, answer)
    with pytest.raises(StationError, match="something new"):
        Peer("one", paths).call("promote")
    thread.join()


def test_status_is_answered_while_the_agent_is_busy(paths, requests):
    assert Peer("one", paths).call("status", timeout_s=2) == {"host": "one"}


def test_an_agent_that_is_not_there_does_not_run(paths, tmp_path):
    with pytest.raises(NotRunning, match="agent of one does not answer"):
        Peer("one", HostPaths(tmp_path)).call("status")


def test_an_agent_that_is_silent_does_not_run(paths, requests):
    began_s = time.monotonic()
    with pytest.raises(NotRunning, match=r"within 0\.3 s"):
        Peer("one", paths).call("demote", timeout_s=0.3)
    assert time.monotonic() - began_s < 15


def test_the_socket_is_for_its_user_alone_and_goes_with_the_agent(paths):
    with ControlServer(paths.socket, queue.Queue(), dict):
        assert stat.S_IMODE(paths.socket.stat().st_mode) == 0o600
    assert not paths.socket.exists()


def test_a_socket_that_a_killed_agent_left_is_no_obstacle(paths):
    paths.run.mkdir(parents=True)
    paths.socket.touch()
    with ControlServer(paths.socket, queue.Queue(), lambda: {"host": "new"}):
        assert Peer("one", paths).call("status") == {"host": "new"}
