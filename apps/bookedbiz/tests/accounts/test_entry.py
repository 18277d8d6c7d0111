"""One typed line becomes an activity: its type by its first word, its day by what stands behind the >."""

from datetime import date

import pytest

from bookedbiz.accounts.entry import Activity, read_day, read_line
from bookedbiz.errors import Refused

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("line", "kind", "text", "due"),
    [
        ("wants radio", "note", "wants radio", None),
        ("Call: wants radio", "call", "wants radio", None),
        ("Called Jane about Q1", "call", "Called Jane about Q1", None),
        ("e-mail: rate card", "email", "rate card", None),
        ("Met the new director", "meeting", "Met the new director", None),
        ("status: moved", "status change", "moved", None),
        ("Note: before ten", "note", "before ten", None),
        ("Callous answer", "note", "Callous answer", None),
        ("Send the proposal >friday", "follow-up", "Send the proposal", date(2026, 11, 27)),
        ("Call Jane > +3", "follow-up", "Call Jane", date(2026, 11, 23)),
        ("follow up: copy >12/1", "follow-up", "copy", date(2026, 12, 1)),
        ("  spaces   and\ttabs ", "note", "spaces and tabs", None),
    ],
)
def test_a_line_says_what_it_is(line: str, kind: str, text: str, due: date | None) -> None:
    found = read_line(line, FRIDAY)
    assert (found.kind.value, found.text, found.due_on) == (kind, text, due)


def test_what_is_chosen_goes_before_what_the_line_says() -> None:
    assert read_line("Call: x", FRIDAY, kind="email").kind is Activity.EMAIL
    assert read_line("x >monday", FRIDAY, due="2026-12-24").due_on == date(2026, 12, 24)
    assert read_line("x", FRIDAY, kind="call", due="+1").due_on is None
    assert read_line("x", FRIDAY, kind="nonsense").kind is Activity.NOTE


@pytest.mark.parametrize("line", ["", "  ", ">friday", "follow up: x", "todo send it", "x >someday", "x >2/30"])
def test_what_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        read_line(line, FRIDAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("today", FRIDAY),
        ("Tomorrow", date(2026, 11, 21)),
        ("sat", date(2026, 11, 21)),
        ("Friday", date(2026, 11, 27)),
        ("+7", date(2026, 11, 27)),
        ("10", date(2026, 11, 30)),
        ("2w", date(2026, 12, 4)),
        ("1m", date(2026, 12, 20)),
        ("11/20", FRIDAY),
        ("11/19", date(2027, 11, 19)),
        ("1/2/27", date(2027, 1, 2)),
        ("11/19/2026", date(2026, 11, 19)),
    ],
)
def test_days_as_people_write_them(text: str, day: date) -> None:
    assert read_day(text, FRIDAY) == day
