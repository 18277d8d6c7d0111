"""Debian's `motion` as a peer: it reads the same pictures as a stream over loopback; its CPU a picture it has read."""

import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

PER_S = 50  # pictures a second that are offered
WARM_S = 3.0
_CONFIG = """
daemon off
log_level 4
target_dir {folder}
netcam_url http://127.0.0.1:{port}/stream.mjpg
width {width}
height {height}
framerate 100
picture_output off
movie_output off
text_left
text_right
webcontrol_port 0
stream_port 0
"""


class Motion:
    """The program on core 1, and whoever feeds it on core 0. Pictures and films that it would write are off."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        folder.mkdir(exist_ok=True)
        self._pictures: list[bytes] = []
        self._sent = 0
        self._ends = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        port = self._server.getsockname()[1]
        self._config = folder / "motion.conf"
        self._config.write_text(_CONFIG.format(folder=folder, port=port, width=width, height=height))
        self._log = (folder / "log").open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._server.close()
        self._log.close()

    def cpu_ms(self, pictures: list[bytes]) -> float:
        """CPU ms for each picture that was taken off the connection, after a few seconds of learning."""
        self._pictures = pictures
        feeder = threading.Thread(target=self._feed, daemon=True)
        feeder.start()
        command = ["taskset", "-c", "1", "motion", "-n", "-c", str(self._config)]
        with subprocess.Popen(command, stdout=self._log, stderr=self._log) as process:
            try:
                self._wait_for(1)
                time.sleep(WARM_S)
                program = psutil.Process(process.pid)
                before, sent = _cpu_s(program), self._sent
                self._wait_for(sent + max(len(pictures), PER_S * 4))
                return (_cpu_s(program) - before) * 1000 / (self._sent - sent)
            finally:
                self._ends.set()
                process.kill()
                feeder.join(5)

    def _wait_for(self, sent: int) -> None:
        ends_s = time.monotonic() + 60
        while self._sent < sent:
            if time.monotonic() > ends_s:
                raise SystemExit(f"motion took {self._sent} pictures and no more: {self._log.name}")
            time.sleep(0.01)

    def _feed(self) -> None:
        os.sched_setaffinity(threading.get_native_id(), {0})
        while not self._ends.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                self._stream(connection)

    def _stream(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)  # what was sent was nearly read
        try:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=bbb\r\n\r\n")
            due_s = time.monotonic()
            while not self._ends.is_set():
                jpeg = self._pictures[self._sent % len(self._pictures)]
                head = f"--bbb\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                connection.sendall(head.encode() + jpeg + b"\r\n")
                self._sent += 1
                due_s += 1 / PER_S
                time.sleep(max(0.0, due_s - time.monotonic()))
        except OSError:
            return


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
