"""What was acknowledged is there: after kill -9, on a full disk, after files went missing, at every stop."""

import http.client
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pivision.testing.live import FRAME, Live
from pivision.testing.pictures import picture
from station_kit.testing.running import RunningApp, free_port, start

MakeLive = Callable[..., Live]
CLIENTS = 8


class Sender(threading.Thread):
    """A camera that sends one picture after the other until it is refused a connection; `acked` by number."""

    def __init__(self, live: Live, device: str) -> None:
        super().__init__()
        self.live, self.device = live, device
        self.acked: dict[int, bytes] = {}
        self.sent: dict[int, bytes] = {}
        self.refused: set[str] = set()

    def run(self) -> None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=20)) as connection:
                for seq in range(1, 100_000):
                    image = picture(hash((self.device, seq)) % 2**32, 160, 120)
                    self.sent[seq] = image
                    if not self._send(connection, seq, image):
                        return
        except (OSError, http.client.HTTPException):
            return

    def _send(self, connection: http.client.HTTPConnection, seq: int, image: bytes) -> bool:
        headers = {**self.live.headers(self.device, kind="image/jpeg"), "X-Device-Id": self.device, "X-Seq": str(seq)}
        connection.request("POST", FRAME, image, headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status == 200:
            self.acked[seq] = image
        else:
            self.refused.add(body["code"])
        return len(self.refused) == 0 or len(self.acked) < 5


def senders(live: Live) -> list[Sender]:
    made = [Sender(live, name) for name in sorted(live.keys)]
    for each in made:
        each.start()
    return made


def until(true: Callable[[], bool], within_s: float = 30) -> None:
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def require_all(live: Live, cameras: list[Sender]) -> None:
    stored = live.stored()
    for camera in cameras:
        for seq, image in camera.acked.items():
            assert stored[camera.device, seq] == image
    for (device, seq), image in stored.items():
        assert image == next(each for each in cameras if each.device == device).sent[seq]
    assert live.rows("SELECT count(*) FROM capture WHERE id NOT IN (SELECT capture_id FROM job)") == [(0,)]
    assert live.rows("PRAGMA foreign_key_check") == []


@pytest.mark.slow
def test_whatever_was_acknowledged_before_kill_9_is_there_whole_and_once(live_with: MakeLive) -> None:
    live = live_with()
    for number in range(CLIENTS - 1):
        live.device(f"c{number}")
    for turn in range(3):
        with live.running() as app:
            cameras = senders(live)
            until(lambda cameras=cameras, turn=turn: sum(len(each.acked) for each in cameras) > 40 * (turn + 1))
            app.kill()
            for each in cameras:
                each.join()
        with live.running():
            require_all(live, cameras)
            camera = cameras[0]  # a picture whose answer was lost is sent again: it is stored once
            last = max(camera.sent)
            headers = {**live.headers(camera.device, kind="image/jpeg"), "X-Device-Id": camera.device}
            for _ in range(2):
                answer = live.ask("POST", FRAME, camera.sent[last], {**headers, "X-Seq": str(last)})
            assert (answer.status, answer.body["duplicate"]) == (200, True)
            require_all(live, cameras)
        with live.db() as db:
            db.execute("DELETE FROM capture")
    segments = {str(path.relative_to(live.folder)) for path in live.folder.glob("segments/*/*")}
    assert segments <= {str(row[0]) for row in live.rows("SELECT path FROM segment")}


def test_sigterm_answers_what_was_accepted_and_closes_the_segment(live_with: MakeLive) -> None:
    live = live_with()
    with live.running() as app:
        cameras = senders(live)
        until(lambda: len(cameras[0].acked) > 20)
        assert app.stop() in (0, -15)
        cameras[0].join()
    require_all(live, cameras)
    assert len(live.stored()) == len(cameras[0].acked)
    assert live.rows("SELECT count(*) FROM segment WHERE closed_at IS NULL") == [(0,)]
    assert live.rows("SELECT sum(requests) FROM ingest_minute WHERE code = 'ok'") == [(len(cameras[0].acked),)]


_WITH_SMALL_FILES = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
sys.argv = ["backend.server"]
runpy.run_module("backend.server", run_name="__main__")
"""


def test_a_full_disk_is_told_and_takes_nothing_that_was_acknowledged(live_with: MakeLive) -> None:
    live = live_with()
    live.command = (sys.executable, "-c", _WITH_SMALL_FILES)
    with live.running():
        answers = [live.send(picture(seq, 640, 480), seq, width=640, height=480) for seq in range(12)]
    assert {answer.status for answer in answers} == {200, 503}
    refused = next(answer for answer in answers if answer.status == 503)
    assert refused.code == "disk_full" and int(refused.headers["retry-after"]) >= 30
    acked = {seq for seq, answer in enumerate(answers) if answer.status == 200}
    assert {seq for _, seq in live.stored()} == acked


def test_below_the_floor_pictures_are_refused_and_health_says_so(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with(free_bytes=2**60)
    with live.running(health=503):
        until(lambda: live.send(pictures[0], 1).status == 503)
        assert live.send(pictures[0], 1).code == "disk_full"
        checks = live.ask("GET", "/health").body["checks"]
        assert isinstance(checks, dict) and checks["disk"]["status"] == "failing"
        assert live.ask("GET", "/api/v1/device/config", headers=live.headers("gate")).status == 200


def test_when_too_much_waits_pictures_are_refused(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with(queue=2)
    with live.running():
        live.send(pictures[0], 1), live.send(pictures[1], 2)
    with live.running():
        until(lambda: live.send(pictures[2], 3).code == "queue_full")


def test_a_torn_tail_is_cut_off_and_missing_pictures_are_marked(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running() as app:
        for seq in range(3):
            live.send(pictures[seq], seq)
        app.kill()
    (segment,) = live.folder.glob("segments/*/*.seg")
    whole = segment.read_bytes()
    segment.write_bytes(whole + b"half a pict")
    (segment.parent / "nobody.seg").write_bytes(b"x")
    with live.running() as app:
        assert segment.read_bytes() == whole
        assert not (segment.parent / "nobody.seg").exists()
        assert live.rows("SELECT closed_at IS NOT NULL, bytes FROM segment") == [(1, len(whole))]
        app.kill()
    os.truncate(segment, len(whole) - 1)
    with live.running() as app:
        assert live.rows("SELECT seq, status, scores FROM capture WHERE segment_id IS NULL") == [
            (2, "failed", '{"error":"file missing"}')
        ]
        assert live.rows("SELECT count(*) FROM job") == [(2,)]
        app.kill()
    segment.unlink()
    with live.running():
        assert live.rows("SELECT count(*) FROM capture WHERE status = 'failed'") == [(3,)]
        assert live.rows("SELECT count(*) FROM job") == [(0,)]
        assert live.send(pictures[4], 9).status == 200


def test_rows_whose_bytes_never_reached_the_disk_are_told_and_stored_anew(
    live_with: MakeLive, pictures: list[bytes]
) -> None:
    live = live_with()
    with live.running() as app:
        for seq in range(3):
            live.send(pictures[seq], seq)
        app.kill()
    (segment,) = live.folder.glob("segments/*/*.seg")
    whole = segment.read_bytes()
    segment.write_bytes(whole[: len(pictures[0])] + bytes(len(whole) - len(pictures[0])))  # as after a power cut
    with live.running():
        assert live.rows("SELECT seq, status FROM capture ORDER BY seq") == [
            (0, "queued"),
            (1, "failed"),
            (2, "failed"),
        ]
        assert live.rows("SELECT count(*) FROM job") == [(1,)]
        again = [live.send(pictures[seq], seq) for seq in range(3)]
        assert [answer.body["duplicate"] for answer in again] == [True, False, False]
        assert live.stored() == {("gate", seq): pictures[seq] for seq in range(3)}
        assert live.rows("SELECT count(*) FROM job") == [(3,)]


def test_where_nothing_can_be_put_right_it_serves_all_the_same(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running() as app:
        live.send(pictures[0], 1)
        app.kill()
    with live.db() as db:
        db.execute("CREATE TRIGGER no BEFORE UPDATE ON segment BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with live.running() as app:
        assert live.ask("GET", "/api/v1/device/config", headers=live.headers("gate")).status == 200
        assert "not recovered" in app.log.read_text()


def test_a_segment_that_another_server_writes_to_is_left_alone(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running():
        live.send(pictures[0], 1)
        second = Live(live.folder, free_port(), keys=live.keys)
        with second.running():
            assert live.rows("SELECT closed_at FROM segment") == [(None,)]
            assert live.send(pictures[1], 2).status == 200
            assert second.send(pictures[1], 2).body["duplicate"] is True
            assert second.send(pictures[2], 3).status == 200
        assert {seq for _, seq in live.stored()} == {1, 2, 3}


def test_the_worker_is_rung(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running(), closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as bell:
        bell.bind(str(live.folder / "run" / "worker.sock"))
        bell.settimeout(20)
        live.send(pictures[0], 1)
        assert bell.recv(16)


def test_others_cannot_reach_it_before_there_is_a_password(live_with: MakeLive) -> None:
    live = live_with()
    live.extra = {"BIND": "0.0.0.0"}
    refused = run(live)
    assert refused.process.wait(20) == 1
    said = refused.log.read_text()
    assert "there is no admin with a password yet" in said and "pivision users add" in said
    with live.db() as db:
        db.execute(
            "INSERT INTO user (name, role, password_hash, created_at) VALUES ('anna', 'admin', 'x', '2026-11-21')"
        )
    with live.running():
        pass


def test_what_is_missing_to_start_is_named_at_once(live_with: MakeLive) -> None:
    live = live_with()
    live.extra = {"DATABASE_PATH": "", "CREDENTIALS_DIRECTORY": ""}
    refused = run(live)
    assert refused.process.wait(20) == 1
    said = refused.log.read_text()
    assert "DATABASE_PATH is not set" in said and "CREDENTIALS_DIRECTORY is not set" in said


def run(live: Live) -> RunningApp:
    return start(live.command, live.environ, live.folder)


def test_systemd_is_told_while_loop_and_writer_go_on(live_with: MakeLive, tmp_path: Path) -> None:
    live = live_with()
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        live.extra = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with live.running() as app:
            told = {systemd.recv(64) for _ in range(4)}
            assert told == {b"READY=1", b"WATCHDOG=1"}
            app.process.terminate()
            until(lambda: systemd.recv(64) == b"STOPPING=1")
