"""Why a request is not served: a status, a code that stays the same for programs, a sentence for people. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """Our time, for a device whose clock is not ours, and the proof for it."""

    server_time: str
    proof: str


class Refusal(Exception):
    """Answered as `{"ok": false, "error": …, "code": …}`. `retry_after_s` says when to come again."""

    def __init__(
        self,
        status: int,
        code: str,
        error: str,
        *,
        retry_after_s: float | None = None,
        closing: bool = False,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(f"{code}: {error}")
        self.status = status
        self.code = code
        self.error = error
        self.retry_after_s = retry_after_s
        self.clock = clock
        self.closing = closing  # the connection ends with the answer: its body is not read


def bad_field(name: str, wanted: str) -> Refusal:
    """A value that makes no sense. What came is not repeated: it may be anything."""
    return Refusal(400, "bad_field", f"{name} is not {wanted}")
