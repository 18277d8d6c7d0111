"""The errors of the lab: a message that says what failed and why, and a hint that says what to do."""


class LabError(Exception):
    """Something in the lab failed."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message}\n\n  hint: {hint}" if hint else message)


class LabMissing(LabError):
    """The lab cannot run on this machine."""


class ProgramsMissing(LabMissing):
    """A program or the Debian mirror is not there: whoever looks after the machine can put it there."""


class RightsMissing(LabMissing):
    """The machine, often a container itself, does not let the lab do what it must."""
