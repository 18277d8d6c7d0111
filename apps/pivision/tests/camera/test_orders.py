"""A camera that does not look by itself hears of a burst between its pictures, not with the next one."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pivision.camera.cadence import Orders
from pivision.camera.item import Item
from pivision.camera.numbering import Numbers
from pivision.camera.sending import Sending
from pivision.camera.server import Server
from pivision.camera.spool import Limits, Spool
from pivision.testing.pictures import picture
from station_kit.environment import Secret

WAIT_S = 60.0


class Appliance(ThreadingHTTPServer):
    """Wants a burst as soon as it has looked at a picture; `interval_ms` and `poll_ms` are its orders."""

    def __init__(self, interval_ms: int, poll_ms: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.interval_ms, self.poll_ms = interval_ms, poll_ms
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Appliance
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        what = "heartbeat" if self.path.endswith("/heartbeat") else "picture"
        self._answer(what, {"command": {"burst_ms": 0}, "config_version": 0})

    def do_GET(self) -> None:
        burst_ms = 15_000 if "picture" in self.server.asked else 0
        cadence = {"capture_interval_ms": self.server.interval_ms, "config_poll_interval_ms": self.server.poll_ms}
        cadence |= {"burst_fps": 2.0, "burst_duration_ms": 15_000, "burst_cooldown_ms": 60_000}
        cadence |= {"jpeg_quality": 80, "width": 64, "height": 48}
        self._answer("orders", {"version": 0, "config": cadence, "command": {"burst_ms": burst_ms}})

    def _answer(self, what: str, body: dict[str, object]) -> None:
        if what != "heartbeat":
            self.server.asked.append(what)
        text = json.dumps({"ok": True, **body}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """In silence."""


@pytest.fixture
def told(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Appliance, Sending, list[float]]]:
    """An appliance, a client's sending half that talks to it, and the bursts that this one heard of."""
    bursts: list[float] = []

    def hear(_: Orders | None, burst_s: float) -> None:
        if burst_s:
            bursts.append(burst_s)

    with Appliance(*request.param) as appliance:
        serving = threading.Thread(target=appliance.serve_forever, args=(0.01,))
        serving.start()
        server = Server(f"http://127.0.0.1:{appliance.server_port}", "stand", Secret("key"))
        sending = Sending(server, Spool(tmp_path / "spool", Limits()), Numbers(tmp_path), hear, dict)
        stop = threading.Event()
        running = threading.Thread(target=sending.run, args=(stop,))
        running.start()
        yield appliance, sending, bursts
        stop.set()
        running.join()
        appliance.shutdown()
        serving.join()


def until(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not fact():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


@pytest.mark.parametrize("told", [(3_600_000, 3_600_000)], indirect=True)
def test_it_asks_again_as_soon_as_its_picture_was_looked_at(told: tuple[Appliance, Sending, list[float]]) -> None:
    appliance, sending, bursts = told
    until(lambda: appliance.asked == ["orders"])
    sending.put(Item(1, time.time(), 64, 48, burst=False, jpeg=picture(1)))
    until(lambda: bursts)
    assert appliance.asked == ["orders", "picture", "orders"] and bursts == [15.0]


@pytest.mark.parametrize("told", [(3_600_000, 1_000)], indirect=True)
def test_it_asks_while_no_picture_is_due(told: tuple[Appliance, Sending, list[float]]) -> None:
    appliance, _, bursts = told
    until(lambda: len(appliance.asked) >= 3)
    assert set(appliance.asked) == {"orders"} and not bursts


@pytest.mark.parametrize("told", [(500, 3_600_000)], indirect=True)
def test_where_pictures_come_often_their_answers_tell_and_nothing_more_is_asked(
    told: tuple[Appliance, Sending, list[float]],
) -> None:
    appliance, sending, _ = told
    until(lambda: appliance.asked == ["orders"])
    for number in range(1, 5):
        sending.put(Item(number, time.time(), 64, 48, burst=False, jpeg=picture(number)))
        time.sleep(0.5)
    until(lambda: appliance.asked.count("picture") == 4)
    assert appliance.asked.count("orders") == 1
