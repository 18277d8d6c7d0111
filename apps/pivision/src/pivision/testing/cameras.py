"""Cameras on the network: each sends a picture until it is taken, and remembers what was acknowledged."""

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice

from pivision.scenes.families import family

POLL_S = 0.05
ANSWER_S = 10.0
AGAIN_S = 0.2  # between two tries of the same picture

Key = tuple[str, str, int]  # device, life, number


@dataclass(frozen=True)
class Refused:
    """How the server refused a picture."""

    status: int
    code: str
    retry_after: str


@dataclass
class _Camera:
    name: str
    key: str
    life: str = "one"
    seq: int = 0
    taken: dict[Key, str] = field(default_factory=dict)


class Cameras:
    """Cameras that send to one address. They never give a picture up, and never begin the next before it is taken."""

    def __init__(self, host: str, pictures: Sequence[bytes], port: int = 8080) -> None:
        self._host, self._port, self._pictures = host, port, pictures
        self._cameras: list[_Camera] = []
        self._stop = threading.Event()
        self._refused: list[Refused] = []

    def enroll(self, name: str, code: str) -> None:
        """Exchange the code for a key."""
        body = json.dumps({"device_id": name, "code": code}).encode()
        with closing(self._connection()) as connection:
            connection.request("POST", "/api/v1/device/enroll", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        assert answer["ok"], answer
        self._cameras.append(_Camera(name, answer["key"]))

    @contextmanager
    def sending(self, every_s: float) -> Iterator[None]:
        """All of them send while the block runs."""
        self._stop = threading.Event()
        threads = [threading.Thread(target=self._send, args=(each, every_s)) for each in self._cameras]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop()
            for thread in threads:
                thread.join()

    def stop(self) -> None:
        self._stop.set()

    def acknowledged(self) -> dict[Key, str]:
        """Each picture that the server said it has, and its digest."""
        return {key: digest for camera in self._cameras for key, digest in list(camera.taken.items())}

    def until_more(self, more: int, within_s: float) -> None:
        """Wait until each camera had so many more acknowledged."""
        wanted = [len(camera.taken) + more for camera in self._cameras]
        ends = time.monotonic() + within_s
        while any(len(camera.taken) < most for camera, most in zip(self._cameras, wanted, strict=True)):
            assert time.monotonic() < ends, f"not so many were taken; refused: {self._refused[-5:]}"
            time.sleep(POLL_S)

    def until_refused(self, within_s: float) -> Refused:
        """Wait until a picture is refused from now on."""
        known, ends = len(self._refused), time.monotonic() + within_s
        while len(self._refused) == known:
            assert time.monotonic() < ends, "nothing was refused"
            time.sleep(POLL_S)
        return self._refused[known]

    def _send(self, camera: _Camera, every_s: float) -> None:
        connection = self._connection()
        while not self._stop.wait(every_s):
            camera.seq += 1
            image = self._pictures[camera.seq % len(self._pictures)]
            while not self._is_taken(connection, camera, image):
                connection.close()
                if self._stop.wait(AGAIN_S):
                    camera.seq -= 1  # whether it was stored is not known: it comes again, and twice is once
                    break
        connection.close()

    def _is_taken(self, connection: http.client.HTTPConnection, camera: _Camera, image: bytes) -> bool:
        digest = hashlib.sha256(image).hexdigest()
        headers = {
            "Content-Type": "image/jpeg",
            "X-Device-Id": camera.name,
            "X-Device-Key": camera.key,
            "X-Boot-Id": camera.life,
            "X-Seq": str(camera.seq),
            "X-Sha256": digest,
        }
        try:
            connection.request("POST", "/api/v1/ingest/frame", image, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 200:
            camera.taken[camera.name, camera.life, camera.seq] = digest
            return True
        code = str(json.loads(text).get("code", "")) if text.startswith(b"{") else ""
        self._refused.append(Refused(answer.status, code, answer.headers.get("Retry-After", "")))
        return False

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_S)


def stills(many: int = 8, every_s: float = 0.2) -> list[bytes]:
    """Pictures of a stand while nobody is there."""
    return [jpeg for _at_s, jpeg in islice(family("plain").make(11).frames(every_s), many)]
