"""A picture on its way in, and what became of it. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from pivision.devices.access import Caller
from pivision.ingest.meta import Meta


@dataclass(frozen=True)
class Frame:
    """A picture that was checked: it only has to be stored."""

    caller: Caller
    meta: Meta
    width: int
    height: int
    sha256: bytes
    image: bytes = field(repr=False)


@dataclass(frozen=True)
class Stored:
    """It is durable, now or since it came before."""

    frame_id: int
    received_at: datetime
    duplicate: bool = False


@dataclass(frozen=True)
class Heard:
    """A device was heard of: what to write down of it, by column of `device`."""

    caller: Caller
    values: dict[str, object] = field(default_factory=dict)
    clock_at: datetime | None = None  # what its clock said
    config_version: int | None = None  # it fetched this configuration
