"""Pictures in their order with their moments, wherever they lie: a clip, a folder, a segment."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from pivision.errors import PiVisionError
from pivision.replay.jpegs import size_of, split, taken_at

_CLIP_QUALITY = 85  # a clip's pictures are made JPEGs as a camera would send them
_FALLBACK_FPS = 2.0
_STAMP = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[T_ -]?(\d{2})[-:_h]?(\d{2})[-:_m]?(\d{2})(?:[.,_-](\d{3})(?!\d))?")
_EPOCH = re.compile(r"(?<!\d)(\d{10})(\d{3})?(?!\d)")


class NoPictures(PiVisionError):
    """There is nothing to replay; the message says where was looked."""


@dataclass(frozen=True)
class Shot:
    """One picture: `number` names it, `at_s` are seconds since the first."""

    number: int
    at_s: float
    width: int
    height: int
    jpeg: bytes


def open_shots(path: Path, fps: float | None = None) -> Iterator[Shot]:
    """The pictures there. `fps`: how many there are in a second, where neither names nor files tell. NoPictures."""
    if path.is_dir():
        return of_folder(path, fps)
    if not path.is_file():
        raise NoPictures(f"Nothing replayed: there is no {path}")
    with path.open("rb") as file:
        begins = file.read(3)
    if begins == b"\xff\xd8\xff":
        return of_segment(path, fps)
    return of_clip(path, fps)


def of_clip(path: Path, fps: float | None = None) -> Iterator[Shot]:
    """Each picture of a video that OpenCV can read."""
    clip = cv2.VideoCapture(str(path))
    try:
        if not clip.isOpened():
            raise NoPictures(f"Nothing replayed: {path} is no clip that can be read", "Give a folder of JPEGs instead")
        rate = fps or clip.get(cv2.CAP_PROP_FPS) or _FALLBACK_FPS
        number = 0
        while True:
            there, picture = clip.read()
            if not there:
                break
            number += 1
            done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _CLIP_QUALITY])
            if done:
                yield Shot(number, (number - 1) / rate, picture.shape[1], picture.shape[0], coded.tobytes())
        if number == 0:
            raise NoPictures(f"Nothing replayed: {path} has no picture that can be read")
    finally:
        clip.release()


def of_folder(path: Path, fps: float | None = None) -> Iterator[Shot]:
    """The JPEGs in a folder by their moments: from their names, else from the camera (EXIF), else from the files."""
    files = [each for each in sorted(path.iterdir()) if each.suffix.lower() in (".jpg", ".jpeg")]
    if not files:
        raise NoPictures(f"Nothing replayed: no .jpg in {path}")
    if fps:
        timed = [(index / fps, each) for index, each in enumerate(files)]
    else:
        timed = sorted((moment, each) for moment, each in zip(_moments(files), files, strict=True))
    return _numbered((at_s - timed[0][0], each.read_bytes()) for at_s, each in timed)


def of_segment(path: Path, fps: float | None = None) -> Iterator[Shot]:
    """The pictures that lie one behind the other in a file; what is torn at its end is left out."""
    rate = fps or _FALLBACK_FPS
    return _numbered((index / rate, jpeg) for index, jpeg in enumerate(split(path.read_bytes())))


def every(shots: Iterable[Shot], seconds: float | None) -> Iterator[Shot]:
    """The first, and then one in so many seconds: what a camera in that cadence would have sent."""
    due_s = -1.0
    for each in shots:
        if seconds and each.at_s < due_s - 1e-6:
            continue
        due_s = each.at_s + (seconds or 0)
        yield each


def _numbered(found: Iterable[tuple[float, bytes]]) -> Iterator[Shot]:
    for number, (at_s, jpeg) in enumerate(found, start=1):
        size = size_of(jpeg)
        if size is not None:
            yield Shot(number, at_s, *size, jpeg)


def _moments(files: list[Path]) -> list[float]:
    for found in (_by_name(files), [taken_at(each.read_bytes()) for each in files]):
        known = [each for each in found if each is not None]
        if len(known) == len(files) and len(set(known)) == len(known):
            return known
    return [each.stat().st_mtime for each in files]


def _by_name(files: list[Path]) -> list[float | None]:
    found: list[float | None] = []
    for each in files:
        stamp, epoch = _STAMP.search(each.stem), _EPOCH.search(each.stem)
        moment: float | None = None
        if stamp:
            year, month, day, hour, minute, second = (int(part) for part in stamp.groups()[:6])
            try:
                when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
                moment = when.timestamp() + int(stamp[7] or 0) / 1000
            except ValueError:
                moment = None
        elif epoch:
            moment = int(epoch[1]) + int(epoch[2] or 0) / 1000
        found.append(moment)
    return found
