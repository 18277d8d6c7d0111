"""Applications in a folder, and `station-serve` as a process with sockets handed over."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station_kit.testing.handing import Handing, handing

SERVE = str(Path(sys.executable).with_name("station-serve"))
READY_S = 20.0

APPS = '''
"""Applications of each kind."""
import os, time

def wsgi(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    if environ["PATH_INFO"] == "/slower":
        time.sleep(13)
    if environ["PATH_INFO"] == "/hang":
        time.sleep(60)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

class Asgi:
    started = False
    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            Asgi.started = True
            await send({"type": "lifespan.startup.complete"})
            await receive()
            print("ended", flush=True)
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b"started" if Asgi.started else b"not started"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"keep-alive")]})
        await send({"type": "http.response.body", "body": body})

asgi = Asgi()

async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no milk today"})

def create_app():
    return wsgi

from contextvars import ContextVar
person = ContextVar("person", default="nobody")

def knowing(environ, start_response):
    before = person.get()
    person.set(environ["PATH_INFO"])
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [before.encode()]

class Shelf:
    app = staticmethod(wsgi)
    number = 5
    @classmethod
    def holding(cls, words, number):
        cls.words = (words, number)
        return cls
'''


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    """A folder with the module `apps`."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "apps.py").write_text(APPS, encoding="utf-8")
    return folder


@pytest.fixture
def given() -> Iterator[Handing]:
    with handing(["web.socket", "health"]) as given:
        yield given


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(apps: Path, given: Handing) -> Iterator[Start]:
    """Starts `station-serve` with these words on the given sockets; ended when the test ends."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str, ready: bool = True, **environ: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            given.command([SERVE, *words]),
            env={"PATH": os.environ["PATH"], **given.environ, **environ},
            pass_fds=given.fds,
            cwd=apps,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        if ready:
            notice = given.notice(READY_S)
            assert notice == "READY=1", notice or ended_with(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def ended_with(process: "subprocess.Popen[str]") -> str:
    """What the process printed before it ended; it is killed if it has not."""
    if process.poll() is None:
        process.kill()
    return process.communicate()[0]
