"""An app as a real process: started, waited for until it is healthy, and ended with everything it started."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

STOP_S = 10.0  # what the platform waits after SIGTERM before it kills
_POLL_S = 0.05
_REQUEST_S = 5.0
_OPENER = build_opener(ProxyHandler({}))  # an app on this machine is never reached through a proxy


class AppDidNotStart(AssertionError):
    """The app ended or did not become healthy in time; the message has its last lines."""


@dataclass(frozen=True)
class RunningApp:
    """An app that is up at `url`."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of GET `path`; redirections are followed."""
        return fetch(self.url + path)

    def stop(self) -> int:
        """End it with SIGTERM and return the exit status. subprocess.TimeoutExpired when it takes over 10 s."""
        self.process.terminate()
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        """End it as a power cut does: no handler runs, no buffer is written."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_app(
    command: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    *,
    health: str = "/health",
    status: int = 200,
    within_s: float = 30,
) -> Iterator[RunningApp]:
    """The app on `environ["PORT"]`, healthy; killed with all that it started when the block ends.

    `environ` is its whole environment. `folder` is its working directory's parent: `folder/work` is made for it, and
    what it prints goes to `folder/app.log`. AppDidNotStart.
    """
    url = f"http://{environ.get('BIND') or '127.0.0.1'}:{environ['PORT']}"
    app = start(command, environ, folder, url)
    try:
        _wait(app, health, status, within_s)
        yield app
    finally:
        app.kill()


def start(
    command: Sequence[str], environ: Mapping[str, str], folder: Path, url: str = "", fds: Sequence[int] = ()
) -> RunningApp:
    """The process, not waited for, in a session of its own. It inherits `fds`."""
    work, log = folder / "work", folder / "app.log"
    work.mkdir(exist_ok=True)
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [_program(command[0], environ), *command[1:]],
                env=dict(environ),
                cwd=work,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=fds,
            )
    except OSError as why:
        raise AppDidNotStart(f"{command[0]} cannot be started: {why.strerror}") from why
    return RunningApp(url, process, log)


def free_port() -> int:
    """A TCP port of the loopback address that nobody has now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, within_s: float | None = None) -> tuple[int, bytes]:
    """Status and body of GET `url`, redirections followed. OSError when nobody answers."""
    try:
        with _OPENER.open(url, timeout=within_s or _REQUEST_S) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def last_lines(log: Path, count: int = 15) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line}" for line in lines) or "    (it printed nothing)"


def _wait(app: RunningApp, health: str, status: int, within_s: float) -> None:
    deadline, seen = time.monotonic() + within_s, "nobody answered"
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            raise AppDidNotStart(f"It ended with status {app.process.returncode}:\n{last_lines(app.log)}")
        try:
            answered, body = app.get(health)
        except (URLError, OSError):
            time.sleep(_POLL_S)
            continue
        if answered == status:
            return
        seen = f"GET {health} gave {answered}: {body[:300].decode(errors='replace')}"
        time.sleep(_POLL_S)
    raise AppDidNotStart(f"Not healthy within {within_s:g} s, {seen}\n{last_lines(app.log)}")


def _program(name: str, environ: Mapping[str, str]) -> str:
    """The program as the app's own PATH finds it, not the caller's."""
    if "/" in name:
        return name
    for folder in environ.get("PATH", os.defpath).split(":"):
        if os.access(Path(folder) / name, os.X_OK):
            return str(Path(folder) / name)
    return name
