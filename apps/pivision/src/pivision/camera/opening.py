"""From a word in the settings to a camera: one for each kind, imported only where it is used."""

from collections.abc import Callable
from pathlib import Path

from pivision.camera.settings import BadCamera
from pivision.camera.source import Source


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
