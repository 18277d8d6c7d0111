"""Sources that OpenCV reads: a V4L2 webcam, and a clip that plays at its own pace, again and again."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pivision.camera.cadence import Orders
from pivision.camera.look import Grey
from pivision.camera.settings import BadCamera
from pivision.camera.source import NoPicture


@dataclass(frozen=True)
class Seen:
    """A picture that was not encoded yet: most are looked at and thrown away."""

    colours: Any
    quality: int

    @property
    def grey(self) -> Grey:
        small = cv2.resize(self.colours, (160, 120), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        return int(self.colours.shape[1]), int(self.colours.shape[0])

    def jpeg(self) -> bytes:
        done, content = cv2.imencode(".jpg", self.colours, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        if not done:
            raise NoPicture("No picture: it could not be encoded")
        return bytes(content)


class Webcam:
    """A camera behind /dev/videoN. One that was unplugged is opened again at the next picture."""

    def __init__(self, device: str) -> None:
        if not Path(device).exists():
            raise BadCamera(f"Camera not started: there is no {device}", "See which there are: v4l2-ctl --list-devices")
        self._device, self._orders = device, Orders()
        self._camera: cv2.VideoCapture | None = None

    def see(self) -> Seen:
        camera = self._camera or self._open()
        done, colours = camera.read()
        if not done:
            self.close()
            raise NoPicture(f"No picture: {self._device} gives none")
        return Seen(colours, self._orders.quality)

    def order(self, orders: Orders) -> None:
        """The size is the camera's nearest; it is opened anew for another one."""
        if (orders.width, orders.height) != (self._orders.width, self._orders.height):
            self.close()
        self._orders = orders

    def close(self) -> None:
        if self._camera is not None:
            self._camera.release()
            self._camera = None

    def _open(self) -> cv2.VideoCapture:
        camera = cv2.VideoCapture(self._device, cv2.CAP_V4L2)
        if not camera.isOpened():
            raise NoPicture(f"No picture: {self._device} cannot be opened", "Another program may have it")
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, self._orders.width)
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, self._orders.height)
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not one of seconds ago
        self._camera = camera
        return camera


class Clip:
    """A film file, as if it happened now."""

    def __init__(self, path: Path) -> None:
        self._path, self._orders = path, Orders()
        self._film = cv2.VideoCapture(str(path))
        if not self._film.isOpened():
            raise BadCamera(f"Camera not started: {path} is no film that OpenCV can read")
        self._fps = self._film.get(cv2.CAP_PROP_FPS) or 25.0
        self._began, self._read = time.monotonic(), 0

    def see(self) -> Seen:
        wanted = int((time.monotonic() - self._began) * self._fps)
        while self._read < wanted:
            if not self._film.grab():
                self._again()
                break
            self._read += 1
        done, colours = self._film.read()
        if not done:
            self._again()
            done, colours = self._film.read()
        if not done:
            raise NoPicture(f"No picture: {self._path} has none")
        self._read += 1
        return Seen(colours, self._orders.quality)

    def order(self, orders: Orders) -> None:
        """Of the orders, the quality."""
        self._orders = orders

    def close(self) -> None:
        self._film.release()

    def _again(self) -> None:
        self._film.release()
        self._film = cv2.VideoCapture(str(self._path))
        self._began, self._read = time.monotonic(), 0
