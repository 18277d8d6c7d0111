"""What is said of an event, and who wants to hear it now. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pivision.moments import moment_of
from pivision.telling.subscribers import Wishes
from station_kit.mail import one_line

LONGEST_DELAY_S = 3600.0
FIRST_DELAY_S = 5.0
GIVE_UP_S = 86_400.0
AT_THE_STAND = ("interaction_detected", "stock_changed", "restocked", "empty_confirmed")  # not the camera itself


@dataclass(frozen=True)
class Message:
    """One event, at its start or its end."""

    event_id: int
    moment: str
    device: str
    title: str
    kind: str
    slot: str
    summary: str
    started_at: str
    ended_at: str | None
    confidence: float
    details: Mapping[str, Any]

    @property
    def headline(self) -> str:
        """`Stand: Somebody reached into the stand`, with `(over)` at the end of what lasted."""
        over = " (over)" if self.moment == "end" and self.ended_at != self.started_at else ""
        return one_line(f"{self.title}: {self.summary}{over}")

    def to_json(self) -> str:
        return json.dumps(vars(self))


def message(row: Mapping[str, Any], moment: str) -> Message:
    """From the row of `event_told`."""
    return Message(
        event_id=row["id"],
        moment=moment,
        device=row["device"],
        title=row["title"],
        kind=row["kind"],
        slot=row["slot"],
        summary=row["summary"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        confidence=row["confidence"],
        details=json.loads(row["details"]),
    )


def why_not(wishes: Wishes, about: Message, zone: ZoneInfo) -> str:
    """Why this is not told to them; "" when it is."""
    if wishes.kinds and about.kind not in wishes.kinds:
        return "not wanted"
    if wishes.devices and about.device not in wishes.devices:
        return "not wanted"
    if about.moment == "end" and not wishes.ends:
        return "not wanted"
    happened = moment_of(about.ended_at or about.started_at) if about.moment == "end" else moment_of(about.started_at)
    return "quiet hours" if is_quiet(wishes, happened.astimezone(zone)) else ""


def is_quiet(wishes: Wishes, local: datetime) -> bool:
    """Whether nothing is to be heard at this time of the day; from 22:00 to 07:00 goes over midnight."""
    if not wishes.quiet_from or not wishes.quiet_to:
        return False
    begin, end, at = time.fromisoformat(wishes.quiet_from), time.fromisoformat(wishes.quiet_to), local.time()
    return begin <= at < end if begin <= end else at >= begin or at < end


def again_after_s(attempts: int) -> float:
    """5, 10, 20 … s after so many failures, an hour at most."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(attempts - 1, 20))
