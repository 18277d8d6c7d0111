"""A picture on its way to the server."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Item:
    """`taken_s`: seconds since 1970 by the camera's clock, which may be wrong. `burst`: of something that goes on.

    Width and height are 0 where nobody looked into the picture.
    """

    seq: int
    taken_s: float
    width: int
    height: int
    burst: bool
    jpeg: bytes

    def to_bytes(self) -> bytes:
        """One line of JSON, then the picture."""
        told = asdict(self)
        del told["jpeg"]
        return json.dumps(told).encode() + b"\n" + self.jpeg

    @classmethod
    def from_bytes(cls, content: bytes) -> "Item":
        """What `to_bytes` wrote. ValueError when it is something else, or was cut."""
        line, found, jpeg = content.partition(b"\n")
        if not found or not jpeg.endswith(b"\xff\xd9"):
            raise ValueError("no whole picture")
        try:
            return cls(**json.loads(line), jpeg=jpeg)
        except TypeError as why:
            raise ValueError("no picture of ours") from why
