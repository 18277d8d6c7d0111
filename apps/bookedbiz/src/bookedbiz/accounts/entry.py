"""Read one typed line as an activity: `Call: Jane wants radio too`, `Send the proposal >friday`. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bookedbiz.errors import Refused

LONGEST_TEXT: Final = 2_000


class Activity(StrEnum):
    """What somebody did, or is to do."""

    NOTE = "note"
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    STATUS_CHANGE = "status change"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True)
class NewActivity:
    """One activity to be written. A follow-up, and nothing else, has a day."""

    kind: Activity
    text: str
    due_on: date | None = None
    contact_id: int | None = None


_BEGINNINGS: Final = (
    (Activity.FOLLOW_UP, re.compile(r"(follow[ -]?up|todo|to do)\b", re.IGNORECASE)),
    (Activity.STATUS_CHANGE, re.compile(r"status( change)?\b", re.IGNORECASE)),
    (Activity.MEETING, re.compile(r"(meeting|met|lunch|visit(ed)?)\b", re.IGNORECASE)),
    (Activity.EMAIL, re.compile(r"(e-?mail(ed)?|mailed|wrote)\b", re.IGNORECASE)),
    (Activity.CALL, re.compile(r"(call(ed)?|phoned?|voicemail)\b", re.IGNORECASE)),
    (Activity.NOTE, re.compile(r"note\b", re.IGNORECASE)),
)
_DUE: Final = re.compile(r"(?:^|\s)>\s*(\S+)\s*$")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD: Final = re.compile(r"\+?(\d{1,3})([dwm]?)")
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?")


def read_line(line: str, today: date, *, kind: str = "", due: str = "") -> NewActivity:
    """The activity of a line; what was chosen beside it goes before what the line says.

    A day makes it a follow-up. Refused when there is no text, a follow-up has no day, or the day is none.
    """
    text = " ".join(line.split())[:LONGEST_TEXT]
    due_on = read_day(due, today) if due.strip() else None
    found = _DUE.search(text)
    if found and due_on is None:
        due_on = read_day(found[1], today)
    if found:
        text = text[: found.start()].rstrip()
    said = _kind_of(text)
    wanted = Activity(kind) if kind in set(Activity) else said[0] if said else Activity.NOTE
    if said and said[0] is wanted and text[said[1] :].startswith(":"):
        text = text[said[1] + 1 :].lstrip()
    if due_on is not None and not kind:
        wanted = Activity.FOLLOW_UP
    if not text:
        raise Refused("Nothing written: there is no text", "Say in a line what was done, or what is to be done")
    if wanted is Activity.FOLLOW_UP and due_on is None:
        raise Refused("Nothing written: a follow-up needs its day", "Give it a day, or end the line with >friday")
    return NewActivity(wanted, text, due_on if wanted is Activity.FOLLOW_UP else None)


def read_day(text: str, today: date) -> date:
    """`2026-12-01`, `12/1`, `tomorrow`, `friday` (the next one), `+7`, `2w`, `3m`. Refused when it is no day."""
    word = text.strip().lower()
    try:
        return date.fromisoformat(word)
    except ValueError:
        pass
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    if word[:3] in _DAYS and word.isalpha():
        ahead = (_DAYS.index(word[:3]) - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead)
    ahead_by = _AHEAD.fullmatch(word)
    if ahead_by:
        return today + timedelta(days=int(ahead_by[1]) * {"": 1, "d": 1, "w": 7, "m": 30}[ahead_by[2]])
    american = _AMERICAN.fullmatch(word)
    if american:
        return _american(american, today)
    raise Refused(f"Nothing written: {text!r} is no day", "Write it as 2026-12-01, 12/1, friday, +7 or 2w")


def _american(found: re.Match[str], today: date) -> date:
    year = today.year if found[3] is None else int(found[3]) if len(found[3]) == 4 else 2000 + int(found[3])
    try:
        day = date(year, int(found[1]), int(found[2]))
        return day if found[3] or day >= today else day.replace(year=year + 1)
    except ValueError:
        raise Refused(f"Nothing written: {found[0]!r} is no day", "Write it as 2026-12-01 or 12/1") from None


def _kind_of(text: str) -> tuple[Activity, int] | None:
    """What the line begins with, and where that ends."""
    for kind, beginning in _BEGINNINGS:
        found = beginning.match(text)
        if found:
            return kind, found.end()
    return None
