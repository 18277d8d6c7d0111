"""Faults on request: what goes wrong, on which route, after how many calls, how often.

emulator.faults.add(Fault("files/upload", answer=503, times=2))
emulator.faults.add(Fault("files/upload_session/append_v2", cut_request_after=10_000_000))
"""

import threading
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from dropbox_emulator.errors import Refusal, refused, unauthorised, union


@dataclass
class Fault:
    """One thing to go wrong. It happens to the calls of `route` (a pattern) after the first `skip`, `times` times.

    Exactly one of the others is given:
    `answer`: 401 (expired token), 429 (with `retry_after_s`), 500, 503, 409 with `tag`, whatever is asked.
    `cut_request_after`: the connection breaks when so many bytes of bodies arrived, all calls together; of the last
    call nothing is kept. With `times`, the calls after it get nothing through at all.
    `cut_reply_after`: the call is carried out, and the connection breaks after so many bytes of the answer's body;
    with -1 nothing of the answer arrives at all.
    `slow_s`: the answer takes so long. `stale_by`: a listing as it was before the last so many changes.
    """

    route: str
    answer: int = 0
    tag: str = ""
    retry_after_s: int = 1
    cut_request_after: int | None = None
    cut_reply_after: int | None = None
    slow_s: float = 0.0
    stale_by: int = 0
    skip: int = 0
    times: int = 1

    @property
    def is_over(self) -> bool:
        return self.times <= 0

    def refusal(self) -> Refusal:
        if self.answer == 401:
            return unauthorised("expired_access_token")
        if self.answer == 429:
            error: dict[str, object] = {"reason": union("too_many_requests"), "retry_after": self.retry_after_s}
            return Refusal(429, error, headers={"Retry-After": str(self.retry_after_s)})
        if self.answer == 409:
            outer, _, inner = self.tag.partition("/")
            return refused(outer, union(inner) if inner else None)
        return Refusal(self.answer, text="internal error")


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    @property
    def pending(self) -> int:
        """How many have not happened yet."""
        with self._lock:
            return len(self._faults)

    def meeting(self, route: str, body_bytes: int) -> Fault | None:
        """The fault that this call meets, if any. Every call is to be announced exactly once."""
        with self._lock:
            for fault in self._faults:
                if fnmatchcase(route, fault.route) and self._is_met(fault, body_bytes):
                    self._faults = [other for other in self._faults if not other.is_over]
                    met = replace(fault)
                    fault.cut_request_after = None if fault.cut_request_after is None else 0
                    return met
        return None

    def _is_met(self, fault: Fault, body_bytes: int) -> bool:
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.cut_request_after is not None and fault.cut_request_after >= body_bytes:
            fault.cut_request_after -= body_bytes
            return False
        fault.times -= 1
        return True
