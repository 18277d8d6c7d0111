"""The health gate: a real answer, from our own child, that did not die meanwhile."""

import http.server
import socket
import threading
import time
from dataclasses import replace

import pytest

from station.errors import GateFailed
from station.fleet import Health
from station.hosts.health import Prober, answer, gate

SERVES = """
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2])); self.end_headers()
    def log_message(self, *a): pass
print("about to serve", flush=True)
time.sleep(float(sys.argv[3]))
http.server.HTTPServer((sys.argv[4], int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serving(foreground, spec, port):
    def start(status=200, after_s=0.0, bind="127.0.0.1"):
        told = spec(SERVES, port, status, after_s, bind, port=port)
        return foreground.start(replace(told, env=told.env | {"BIND": bind}))

    return start


def test_a_healthy_app_passes(serving):
    gate(serving(after_s=0.3), Health("/health", 200, 10), lambda: None)


@pytest.mark.parametrize("bind", ["127.0.0.2", "0.0.0.0"])
def test_an_app_that_listens_elsewhere_is_asked_there(serving, port, wait_for, bind):
    gate(serving(bind=bind), Health("/health", 200, 10), lambda: None)
    prober = Prober()
    prober.watch("web", port, Health("/health", 200, 5), bind)
    wait_for(lambda: prober.healthy("web"))
    prober.end()


def test_a_wrong_status_fails_with_the_last_lines_of_the_log(serving):
    with pytest.raises(GateFailed, match=r"(?s)503 instead of 200.*about to serve"):
        gate(serving(status=503), Health("/health", 200, 1), lambda: None)


def test_silence_fails_after_the_time_given(serving):
    began_s = time.monotonic()
    with pytest.raises(GateFailed, match="refused"):
        gate(serving(after_s=60), Health("/health", 200, 0.5), lambda: None)
    assert time.monotonic() - began_s < 30


def test_an_app_that_dies_fails_at_once(foreground, spec, port):
    unit = foreground.start(spec("print('no config', flush=True); raise SystemExit(2)", port=port))
    began_s = time.monotonic()
    with pytest.raises(GateFailed, match=r"(?s)it ended while it was starting.*no config"):
        gate(unit, Health("/health", 200, 30), foreground.supervise)
    assert time.monotonic() - began_s < 25


def test_an_answer_of_somebody_else_is_not_ours(foreground, spec, port):
    class Fine(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", port), Fine) as stranger:
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        unit = foreground.start(spec("import time; time.sleep(600)", port=port))
        try:
            with pytest.raises(GateFailed, match=rf"port {port} is answered by .*pid"):
                gate(unit, Health("/health", 200, 0.5), lambda: None)
        finally:
            stranger.shutdown()
            thread.join()


def test_the_gate_keeps_the_heart_beating(serving):
    beats = []
    gate(serving(after_s=0.5), Health("/health", 200, 10), lambda: beats.append(1))
    assert len(beats) > 2


def test_the_prober_notices_the_answer_and_its_end(foreground, serving, port, wait_for):
    prober = Prober()
    unit = serving()
    prober.watch("web", port, Health("/health", 200, 5))
    wait_for(lambda: prober.healthy("web"))
    foreground.stop([unit.spec.name])
    wait_for(lambda: prober.healthy("web") is False)
    prober.forget("web")
    assert prober.healthy("web") is None
    prober.end()


def test_a_redirect_is_not_followed(serving, port, wait_for):
    serving(status=302)
    wait_for(lambda: not answer(port, Health("/", 302, 1)))
