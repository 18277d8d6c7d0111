"""Where pictures come from: what every camera can do, and what it gives."""

from dataclasses import dataclass
from typing import Protocol

from pivision.camera.cadence import Orders
from pivision.camera.look import Grey
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
