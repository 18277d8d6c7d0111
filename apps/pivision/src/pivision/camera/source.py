"""Where pictures come from: one protocol, and a word in the settings for each kind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pivision.camera.cadence import Orders
from pivision.camera.look import Grey
from pivision.camera.settings import BadCamera
from pivision.errors import PiVisionError


class NoPicture(PiVisionError):
    """The camera gives nothing just now; the next try may."""


class Picture(Protocol):
    """What was seen at one moment. `grey` to look at, None where nobody can decode it here; `jpeg` only when sent."""

    @property
    def grey(self) -> Grey | None: ...

    @property
    def size(self) -> tuple[int, int]: ...

    def jpeg(self) -> bytes: ...


class Source(Protocol):
    """A camera. `see` takes a picture now, of the size and quality that were ordered last. NoPicture."""

    def see(self) -> Picture: ...

    def order(self, orders: Orders) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Encoded:
    """A picture that came as JPEG."""

    content: bytes
    grey: Grey | None = None
    size: tuple[int, int] = (0, 0)

    def jpeg(self) -> bytes:
        return self.content


def open_source(word: str) -> Source:
    """`picamera2`, `rpicam`, `v4l2:/dev/video0`, `clip:FILE`, `folder:PATH`, `file:PATH`, or a snapshot's address.

    BadCamera when there is no such kind, or what it needs is not installed here.
    """
    kind, _, where = word.partition(":")
    if kind in ("http", "https"):
        from pivision.camera.snapshot import Snapshot  # noqa: PLC0415

        return Snapshot(word)
    makers: dict[str, Callable[[str], Source]] = {
        "picamera2": _picamera2,
        "rpicam": _rpicam,
        "v4l2": _webcam,
        "clip": _clip,
        "folder": _folder,
        "file": _folder,
    }
    if kind not in makers:
        raise BadCamera(f"Camera not started: there is no source {kind}", f"There are {', '.join(makers)}, and http")
    return makers[kind](where)


def _picamera2(_: str) -> Source:
    try:
        from pivision.camera.picamera import Picamera  # noqa: PLC0415
    except ImportError as why:
        raise BadCamera(f"Camera not started: {why.name} is not here", "apt install python3-picamera2") from why
    return Picamera()


def _rpicam(_: str) -> Source:
    from pivision.camera.rpicam import Rpicam  # noqa: PLC0415

    return Rpicam()


def _webcam(where: str) -> Source:
    from pivision.camera.webcam import Webcam  # noqa: PLC0415  # OpenCV: only where it is used

    return Webcam(where or "/dev/video0")


def _clip(where: str) -> Source:
    from pivision.camera.webcam import Clip  # noqa: PLC0415

    return Clip(Path(where))


def _folder(where: str) -> Source:
    from pivision.camera.snapshot import Folder  # noqa: PLC0415

    return Folder(Path(where))
