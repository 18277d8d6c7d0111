"""A Pi camera through picamera2, which keeps it running: a small grey stream to look at, a large one to send."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from picamera2 import Picamera2  # type: ignore[import-not-found]  # Debian's package on a Pi; not on PyPI for others

from pivision.camera.cadence import Orders
from pivision.camera.look import Grey

SMALL = (320, 240)


@dataclass(frozen=True)
class Seen:
    """Both streams of one moment, copied: the camera goes on."""

    camera: Any
    large: Any
    grey: Grey
    size: tuple[int, int]
    quality: int

    def jpeg(self) -> bytes:
        content = io.BytesIO()
        self.camera.helpers.make_image(self.large, self.camera.camera_configuration()["main"]).convert("RGB").save(
            content, "jpeg", quality=self.quality
        )
        return content.getvalue()


class Picamera:
    """The first camera of the Pi."""

    def __init__(self) -> None:
        self._orders = Orders()
        self._camera: Any = None

    def see(self) -> Seen:
        if self._camera is None:
            self._start()
        (large, small), _ = self._camera.capture_arrays(["main", "lores"])
        grey = np.asarray(small[: SMALL[1], : SMALL[0]], np.uint8)  # of YUV420 the first rows are the brightness
        size = (self._orders.width, self._orders.height)
        return Seen(self._camera, large, grey, size, self._orders.quality)

    def order(self, orders: Orders) -> None:
        """Another size starts the camera anew."""
        if (orders.width, orders.height) != (self._orders.width, self._orders.height):
            self.close()
        self._orders = orders

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def _start(self) -> None:
        camera = Picamera2()
        size = (self._orders.width, self._orders.height)
        camera.configure(camera.create_video_configuration(main={"size": size}, lores={"size": SMALL}))
        camera.start()
        self._camera = camera
