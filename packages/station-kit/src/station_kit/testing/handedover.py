"""What an app promises with `socket` and `notify`, required of it as of every other part of the contract."""

import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from station_kit.testing.handing import Handing, handing
from station_kit.testing.running import STOP_S, RunningApp, fetch, last_lines, start

_POLL_S = 0.05


class HandedOver:
    """An app's process that gets its sockets as under systemd; the first is at its PORT."""

    def __init__(self, process: Mapping[str, Any], environ: Mapping[str, str], folder: Path) -> None:
        self._process, self._environ, self._folder = process, dict(environ), folder
        health = process["health"]
        self._path, self._status = health.get("path", "/health"), health.get("status", 200)
        self._within_s = float(health.get("within_s", 30))

    def require(self) -> None:
        """It serves on all sockets that it is handed, says READY=1 no sooner than that, and leaves them open."""
        with handing(["web.socket", "second.socket"] if self._process.get("socket") else []) as given:
            app = self._started(given)
            try:
                for each in given.sockets:
                    self._require_answer(f"http://127.0.0.1:{each.getsockname()[1]}", app)
                self._require_end(app)
                if given.sockets:
                    self._require_waiting(given)
            finally:
                app.kill()

    def _started(self, given: Handing) -> RunningApp:
        """Up: when it says so, or when it answers."""
        port = str(given.port) if given.sockets else self._environ["PORT"]
        environ = self._environ | {"PORT": port} | (given.environ if self._process.get("notify") else {})
        url = f"http://127.0.0.1:{port}"
        app = start(given.command(self._process["command"]), environ, self._folder, url, given.fds)
        if self._process.get("notify") and not self._is_ready(app, given):
            app.kill()
            raise AssertionError(
                f"It did not say READY=1 within {self._within_s:g} s, though app.toml has notify = true:\n"
                f"{last_lines(app.log)}"
            )
        return app

    def _is_ready(self, app: RunningApp, given: Handing) -> bool:
        ends = time.monotonic() + self._within_s
        while time.monotonic() < ends and app.process.poll() is None:
            if "READY=1" in given.notice(_POLL_S).splitlines():
                return True
        return False

    def _require_answer(self, url: str, app: RunningApp) -> None:
        """At once after READY=1; else, and on a socket that waits for an answer anyway, within the app's time."""
        ends = time.monotonic() + (0 if self._process.get("notify") else self._within_s)
        while True:
            with suppress(OSError):
                answered, _ = fetch(f"{url}{self._path}")
                if answered == self._status:
                    return
            if time.monotonic() >= ends or app.process.poll() is not None:
                break
            time.sleep(_POLL_S)
        when = "though it said READY=1" if self._process.get("notify") else f"within {self._within_s:g} s"
        app.kill()
        raise AssertionError(f"It does not serve on {url}, a socket that it was handed, {when}:\n{last_lines(app.log)}")

    def _require_end(self, app: RunningApp) -> None:
        try:
            app.stop()
        except subprocess.TimeoutExpired:
            raise AssertionError(f"It still runs {STOP_S:g} s after SIGTERM:\n{last_lines(app.log)}") from None

    def _require_waiting(self, given: Handing) -> None:
        """A request that comes while nothing runs is answered by the next start."""
        answers: list[int] = []

        def ask() -> None:
            with suppress(OSError):
                answers.append(fetch(f"http://127.0.0.1:{given.port}{self._path}", self._within_s)[0])

        waiting = threading.Thread(target=ask)
        waiting.start()
        app = self._started(given)
        waiting.join(self._within_s)
        app.kill()
        assert answers == [self._status], f"A request that waited in the socket got {answers or 'no answer'}"
