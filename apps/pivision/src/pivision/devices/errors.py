"""What may go wrong with a device."""

from pivision.errors import PiVisionError


class DeviceExists(PiVisionError):
    """There is a device of that name already."""


class BadName(PiVisionError):
    """A device's name that would not fit on the wire."""

    exit_code = 2


class BadCode(PiVisionError):
    """An enrolment code that is wrong, was used, or is too old: which of them is not said."""


class ConfigConflict(PiVisionError):
    """Somebody else saved the configuration meanwhile; nothing changed."""


class NoSuchVersion(PiVisionError):
    """The device never had a configuration of that version."""
