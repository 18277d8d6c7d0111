"""`station-serve` as a process: on the sockets it is handed, ready when it answers, its end losing no request."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from station_kit.serving import listen
from station_kit.testing.handing import Handing
from station_serve import running

Process = "subprocess.Popen[str]"
Start = Callable[..., Process]
SERVE = str(Path(sys.executable).with_name("station-serve"))
RESTARTS = 3


def get(port: int, path: str = "/") -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def ask(connection: http.client.HTTPConnection, path: str = "/") -> http.client.HTTPResponse:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


def end(process: Process) -> str:
    """Told to end, it did with 0: what it printed."""
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == 0, said
    return said


def test_it_serves_on_every_socket_and_is_ready_when_it_answers(start: Start, given: Handing) -> None:
    process = start("apps:wsgi")
    ports = [each.getsockname()[1] for each in given.sockets]
    assert [get(port) for port in ports] == [str(process.pid)] * 2
    said = end(process)
    assert given.notice(1) == "STOPPING=1"
    assert f"serving on 127.0.0.1:{ports[0]}, 127.0.0.1:{ports[1]}" in said


def test_an_asgi_app_is_told_of_its_start_and_its_end(start: Start, given: Handing) -> None:
    process = start("apps:asgi")
    assert get(given.port) == "started"
    assert "\nended\n" in end(process)


def test_a_factory_makes_the_app(start: Start, given: Handing) -> None:
    assert get(given.port) if start("apps:create_app()") else ""


def test_a_request_that_comes_while_it_is_stopped_is_answered_by_the_next(start: Start, given: Handing) -> None:
    end(start("apps:wsgi"))
    given.notice(1)
    answers: list[str] = []
    waiting = threading.Thread(target=lambda: answers.append(get(given.port)))
    waiting.start()
    time.sleep(0.2)
    assert answers == []
    following = start("apps:wsgi")
    waiting.join(20)
    assert answers == [str(following.pid)]


def test_a_request_under_way_is_finished(start: Start, given: Handing) -> None:
    process = start("apps:wsgi")
    answers: list[str] = []
    slow = threading.Thread(target=lambda: answers.append(get(given.port, "/slow")))
    slow.start()
    time.sleep(0.3)
    end(process)
    slow.join(20)
    assert answers == [str(process.pid)]


def test_a_request_that_never_ends_does_not_hold_up_the_end(start: Start, given: Handing) -> None:
    process = start("apps:wsgi", "--grace", "1")
    with socket.create_connection(("127.0.0.1", given.port), timeout=20) as hanging:
        hanging.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
        assert get(given.port) == str(process.pid)
        assert "timeout graceful shutdown exceeded" in end(process)


def test_an_open_connection_is_answered_once_more_and_closed(start: Start, given: Handing) -> None:
    process = start("apps:asgi")
    connection = http.client.HTTPConnection("127.0.0.1", given.port, timeout=20)
    assert ask(connection).getheader("connection") == "keep-alive"
    process.send_signal(signal.SIGTERM)
    assert given.notice(10) == "STOPPING=1"
    last = ask(connection)
    assert (last.status, last.headers.get_all("connection")) == (200, ["close"])
    connection.close()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_an_idle_connection_does_not_hold_up_the_end(start: Start, given: Handing) -> None:
    process = start("apps:wsgi")
    with socket.create_connection(("127.0.0.1", given.port), timeout=20) as idle:
        assert get(given.port) == str(process.pid)  # who came before is accepted by now
        assert "timeout graceful shutdown exceeded" not in end(process)
        assert idle.recv(1) == b""  # closed in order, not reset


def test_restarts_under_load_lose_no_request(start: Start, given: Handing) -> None:
    counted: Counter[str] = Counter()
    enough = threading.Event()

    def client(*, keep: bool) -> None:
        """A connection is given up only when it was said to close: nothing is asked twice."""
        connection = http.client.HTTPConnection("127.0.0.1", given.port, timeout=30)
        while not enough.is_set():
            try:
                counted["answered" if ask(connection).status == 200 else "refused"] += 1
            except (OSError, http.client.HTTPException) as why:
                counted[f"failed: {why!r}"] += 1
                connection.close()
            if not keep:
                connection.close()
            time.sleep(0.01)
        connection.close()

    process = start("apps:wsgi")
    clients = [threading.Thread(target=client, kwargs={"keep": number % 2 == 0}) for number in range(8)]
    for each in clients:
        each.start()
    pids = set()
    for _ in range(RESTARTS):
        time.sleep(0.4)
        pids.add(process.pid)
        end(process)
        while given.notice(0.1):
            pass
        process = start("apps:wsgi")
    time.sleep(0.2)
    enough.set()
    for each in clients:
        each.join(30)
    assert set(counted) == {"answered"}, counted
    assert counted["answered"] > 100
    assert len(pids) == RESTARTS


def test_the_watchdog_is_fed(start: Start, given: Handing) -> None:
    start("apps:wsgi", WATCHDOG_USEC="200000")
    assert [given.notice(10) for _ in range(3)] == ["WATCHDOG=1"] * 3


def test_an_app_that_cannot_start_is_never_ready(start: Start, given: Handing) -> None:
    process = start("apps:failing", ready=False)
    said = process.communicate(timeout=20)[0]
    assert (process.returncode, "no milk today" in said) == (3, True)
    assert given.notice(0.1) == ""


def test_an_app_that_is_not_there_is_named(start: Start) -> None:
    process = start("apps:nothing", ready=False)
    assert "error: apps:nothing not served: There is no nothing in the module apps" in process.communicate()[0]
    assert process.returncode == 1


def test_a_stop_while_the_app_is_loaded_ends_it(start: Start, apps: Path) -> None:
    (apps / "late.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(30)", encoding="utf-8")
    process = start("late:app", ready=False)
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) in (0, -signal.SIGTERM)


def test_without_systemd_it_serves_at_bind_and_port(apps: Path) -> None:
    with listen("127.0.0.1", 0).socket as probe:
        port = probe.getsockname()[1]
    environ = {"PATH": os.environ["PATH"], "BIND": "127.0.0.1", "PORT": str(port)}
    with subprocess.Popen([SERVE, "apps:wsgi"], cwd=apps, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert f"serving on 127.0.0.1:{port}" in "".join(process.stderr.readline() for _ in range(1))
            ends = time.monotonic() + 20
            while time.monotonic() < ends:
                try:
                    answered = get(port)
                    break
                except OSError:
                    time.sleep(0.05)
            assert answered == str(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_a_request_finds_nothing_of_the_one_before_it_on_its_connection(start: Start, given: Handing) -> None:
    start("apps:knowing")
    connection = http.client.HTTPConnection("127.0.0.1", given.port, timeout=20)
    said = []
    for person, body in (("/anna", bytes(4_000_000)), ("/carl", b""), ("/eva", b"")):  # the first one is read in pieces
        connection.request("POST", person, body)
        said.append(connection.getresponse().read())
    connection.close()
    assert said == [b"nobody"] * 3


def test_who_never_ends_a_requests_head_is_sent_away(start: Start, given: Handing) -> None:
    start("apps:wsgi")
    get(given.port)
    late = [socket.create_connection(("127.0.0.1", given.port)) for _ in range(2)]
    late[1].sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
    kept = http.client.HTTPConnection("127.0.0.1", given.port, timeout=30)
    kept.connect()
    ask(kept)
    kept.sock.sendall(b"GET / HT")  # the second head of a connection that was kept
    began_s = time.monotonic()
    for each in (*late, kept.sock):
        each.settimeout(running.HEAD_S * 3)
        assert each.recv(100) == b""
    assert time.monotonic() - began_s > running.HEAD_S / 2
    assert get(given.port)
    for each in late:
        each.close()
    kept.close()


def test_a_slow_answer_is_no_late_head(start: Start, given: Handing) -> None:
    start("apps:wsgi")
    with urlopen(f"http://127.0.0.1:{given.port}/slower", timeout=60) as answer:
        assert answer.status == 200
