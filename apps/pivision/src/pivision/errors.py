"""What an operator may meet: each says what failed and why, what to do, and how the command ends."""

from typing import ClassVar

from station_kit.errors import KitError


class PiVisionError(KitError):
    """The command failed and changed nothing."""

    exit_code: ClassVar[int] = 1


class StartRefused(PiVisionError):
    """A setting is missing or makes no sense; the message names every one of them."""


class BadConfig(PiVisionError):
    """A device's configuration that cannot be used; the message names the key and what it takes."""

    exit_code = 2


class NoSuchDevice(PiVisionError):
    """No camera of that name is enrolled."""
