"""Cameras that send as fast as they are answered, or at a rate; prints what they saw as one JSON object.

python bench/pivision/senders.py PLAN.json        {"port", "form", "keep_alive", "seconds", "rate", "clients": […]}

Plain sockets and one loop: eight cameras must cost less than the server that they ask, which has a core of its own.
"""

import base64
import json
import selectors
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/api/v1/ingest/frame"
SIZE = {"width": 640, "height": 480}
BOUNDARY = (
    b'--bbb\r\nContent-Disposition: form-data; name="image"; filename="f.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
)


@dataclass
class Camera:
    """One camera: what it sends next, and what it waits for."""

    name: str
    key: str
    seq: int
    due_s: float
    link: socket.socket | None = None
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    heard: bytes = b""
    began_s: float = 0.0

    @property
    def busy(self) -> bool:
        return self.began_s > 0


def request(plan: dict, camera: Camera, image: bytes, as_text: bytes) -> bytes:
    """The bytes of one request; the form is that which the server's own clients send."""
    head = {"Host": "127.0.0.1", "X-DEVICE-KEY": camera.key}
    meta = {"device_id": camera.name, "seq": camera.seq, "capture_ts": "2026-11-21T09:00:00Z", **SIZE}
    if plan["form"] == "raw":
        body = image
        head |= {"Content-Type": "image/jpeg", "X-Device-Id": camera.name, "X-Seq": str(camera.seq)}
    elif plan["form"] == "multipart":
        head["Content-Type"] = "multipart/form-data; boundary=bbb"
        described = b'--bbb\r\nContent-Disposition: form-data; name="meta"\r\n\r\n' + json.dumps(meta).encode()
        body = b"\r\n".join((described, BOUNDARY + image, b"--bbb--\r\n"))
    else:
        head["Content-Type"] = "application/json"
        body = json.dumps(meta).encode()[:-1] + b', "image_b64": "' + as_text + b'"}'
    head["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {PATH} HTTP/1.{1 if plan['keep_alive'] else 0}\r\n{lines}\r\n".encode() + body


def status_of(heard: bytes) -> int:
    """The status of a whole answer, 0 while some of it is still to come."""
    head, ends, body = heard.partition(b"\r\n\r\n")
    if not ends:
        return 0
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head[9:12]) if len(body) >= length else 0


class Cameras:
    """All of them, and the loop that serves them."""

    def __init__(self, plan: dict) -> None:
        self.plan = plan
        self.images = [path.read_bytes() for path in sorted(Path(plan["images"]).glob("*.jpg"))]
        self.texts = [base64.b64encode(each) for each in self.images]  # a camera's own work, not what is measured
        self.pause_s = len(plan["clients"]) / plan["rate"] if plan["rate"] else 0.0
        self.waiting = selectors.DefaultSelector()
        self.seen: list[tuple[float, int]] = []

    def run(self) -> float:
        """Send for as long as the plan says; the seconds until the last answer."""
        began_s = time.perf_counter()
        share_s = self.pause_s / len(self.plan["clients"])
        cameras = [
            Camera(each["name"], each["key"], each["first_seq"], began_s + share_s * each["place"])
            for each in self.plan["clients"]
        ]
        ends_s = began_s + self.plan["seconds"]
        while True:
            now_s = time.perf_counter()
            idle = [each for each in cameras if not each.busy]
            for each in idle:
                if each.due_s <= now_s < ends_s:
                    self.begin(each)
            if now_s >= ends_s and len(idle) == len(cameras):
                return time.perf_counter() - began_s
            next_s = min((each.due_s for each in idle if not each.busy), default=ends_s)
            for key, ready in self.waiting.select(max(0.0, min(next_s, ends_s + 60) - now_s) if idle else None):
                self.go_on(key.data, ready)

    def begin(self, camera: Camera) -> None:
        number = camera.seq % len(self.images)
        camera.unsent = memoryview(request(self.plan, camera, self.images[number], self.texts[number]))
        camera.heard, camera.began_s = b"", time.perf_counter()
        if camera.link is None:
            camera.link = socket.create_connection(("127.0.0.1", self.plan["port"]))
            camera.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            camera.link.setblocking(False)
            self.waiting.register(camera.link, selectors.EVENT_READ, camera)
        self.send(camera)

    def send(self, camera: Camera) -> None:
        assert camera.link is not None
        with suppress(BlockingIOError):
            camera.unsent = camera.unsent[camera.link.send(camera.unsent) :]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if camera.unsent else 0)
        if self.waiting.get_key(camera.link).events != wanted:
            self.waiting.modify(camera.link, wanted, camera)

    def go_on(self, camera: Camera, ready: int) -> None:
        assert camera.link is not None
        if ready & selectors.EVENT_WRITE:
            self.send(camera)
        if not ready & selectors.EVENT_READ:
            return
        part = camera.link.recv(65_536)
        camera.heard += part
        status = status_of(camera.heard)
        if status:
            now_s = time.perf_counter()
            self.seen.append((now_s - camera.began_s, status))
            camera.seq, camera.began_s = camera.seq + 1, 0.0
            camera.due_s = camera.due_s + self.pause_s if self.pause_s else now_s
        elif not part:
            raise ConnectionError("the server closed the connection before it had answered")
        if status and not self.plan["keep_alive"]:
            self.waiting.unregister(camera.link)
            camera.link.close()
            camera.link = None


def main(plan: dict) -> None:
    cameras = Cameras(plan)
    took_s = cameras.run()
    times = sorted(took for took, _ in cameras.seen)
    print(
        json.dumps(
            {
                "requests": len(times),
                "failed": sum(status != 200 for _, status in cameras.seen),
                "per_s": len(times) / took_s,
                "p50_ms": times[len(times) // 2] * 1000,
                "p99_ms": times[int(len(times) * 0.99)] * 1000,
            }
        )
    )


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
