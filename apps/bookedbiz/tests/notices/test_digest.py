"""Who subscribed gets a letter a day, of the changes they may see."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookedbiz.changes.digest import is_subscribed, subscribe, write_digests
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae
from bookedbiz.notices.outbox import send_waiting
from bookedbiz.notices.ways import Ways
from bookedbiz.users import NewUser, Role, create_user

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
BY = By("test", NOW.isoformat())


@pytest.fixture
def changed(ledger, import_file, write_log, line):
    """An import that booked for Avery Quill, and for somebody else."""
    lines = [line(contract=1.0), line(bill_code="Fern Tea", sales_person="Avery Quill", contract=2.0)]
    import_file(write_log(lines), now=NOW)
    ledger.execute("UPDATE batch SET finished_at = started_at")
    return ledger


def test_subscribers_get_a_letter_a_day_of_what_they_may_see(changed, ways: Callable[..., Ways], mail: Any) -> None:
    create_ae(changed, "Avery Quill", BY)
    people = [
        NewUser("boss@x.example", Role.MANAGEMENT),
        NewUser("avery@x.example", Role.AE, ae="Avery Quill"),
        NewUser("bookless@x.example", Role.AE),
        NewUser("other@x.example", Role.MANAGEMENT),
    ]
    ids = [create_user(changed, each, BY).id for each in people]
    for user_id in ids[:3]:
        subscribe(changed, user_id, BY, wanted=True)
    assert is_subscribed(changed, ids[0])
    assert write_digests(changed, NOW) == 2
    assert write_digests(changed, NOW + timedelta(hours=1)) == 0
    assert send_waiting(changed, ways(), NOW).sent == 2
    letters = {to[0]: text for to, text in mail.mails}
    assert set(letters) == {"boss@x.example", "avery@x.example"}
    assert "Fern Tea" in letters["avery@x.example"]
    assert "Cedar Bank" not in letters["avery@x.example"]
    assert "Cedar Bank" in letters["boss@x.example"]
    subscribe(changed, ids[0], BY, wanted=False)
    assert write_digests(changed, NOW + timedelta(days=1)) == 1
    assert changed.execute("SELECT count(*) FROM audit WHERE action = 'digest'").fetchone()[0] == 4
