"""A device is known by its key alone: made by a one-time code, rotated with an overlap, never stored."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.devices.errors import BadCode, BadName, DeviceExists
from pivision.devices.keys import code_digest, lookup_of, new_code, new_key
from pivision.devices.statements import SQL
from pivision.errors import NoSuchDevice
from station_kit.sqlitefile import transaction
from station_kit.statements import compile_errors


@pytest.fixture
def gate(db: sqlite3.Connection, by: By) -> str:
    registry.add(db, "gate", "The gate", by)
    return "gate"


def later(by: By, seconds: float) -> By:
    return By(by.who, by.now + timedelta(seconds=seconds))


def enrolled(db: sqlite3.Connection, name: str, by: By) -> str:
    return access.enroll(db, name, access.make_code(db, name, by).reveal(), by.now).reveal()


def use(db: sqlite3.Connection, key: str, now: datetime) -> bool:
    caller = access.authenticate(db, key, now)
    if caller is None:
        return False
    with transaction(db):
        access.used(db, caller, now)
    return True


def test_every_statement_runs_on_the_schema(db: sqlite3.Connection) -> None:
    assert compile_errors(db, SQL) == []


def test_a_code_is_exchanged_for_a_key_that_opens(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    caller = access.authenticate(db, enrolled(db, gate, by), now)
    assert caller is not None and (caller.name, caller.enabled, caller.config_version) == ("gate", True, 0)


def test_a_code_works_once(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    code = access.make_code(db, gate, by).reveal()
    access.enroll(db, gate, code, now)
    with pytest.raises(BadCode):
        access.enroll(db, gate, code, now)


def test_a_code_is_over_after_fifteen_minutes(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    code = access.make_code(db, gate, by).reveal()
    with pytest.raises(BadCode):
        access.enroll(db, gate, code, now + timedelta(seconds=901))


def test_a_code_is_taken_as_people_type_it(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    code = access.make_code(db, gate, by).reveal()
    access.enroll(db, gate, f" {code.lower().replace('-', ' ')}", now)


def test_a_code_is_for_its_own_device(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    registry.add(db, "shop", "", by)
    code = access.make_code(db, gate, by).reveal()
    with pytest.raises(BadCode):
        access.enroll(db, "shop", code, now)
    access.enroll(db, gate, code, now)


def test_a_new_code_makes_the_one_before_it_void(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    old = access.make_code(db, gate, by).reveal()
    access.make_code(db, gate, by)
    with pytest.raises(BadCode):
        access.enroll(db, gate, old, now)


def test_a_disabled_device_is_not_enrolled(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    code = access.make_code(db, gate, by).reveal()
    registry.enable(db, gate, by, enabled=False)
    with pytest.raises(BadCode):
        access.enroll(db, gate, code, now)


def test_both_keys_open_until_the_new_one_is_used(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    old = enrolled(db, gate, by)
    new = access.rotate(db, gate, later(by, 10)).reveal()
    assert use(db, old, now + timedelta(seconds=20))
    assert use(db, new, now + timedelta(seconds=30))
    assert not use(db, old, now + timedelta(seconds=31))
    assert use(db, new, now + timedelta(seconds=32))


def test_the_old_key_ends_after_the_overlap(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    old = enrolled(db, gate, by)
    access.rotate(db, gate, by, overlap_s=3600)
    access.rotate(db, gate, by, overlap_s=7200)
    assert access.authenticate(db, old, now + timedelta(seconds=3599))
    assert access.authenticate(db, old, now + timedelta(seconds=3601)) is None


def test_revoked_keys_open_nothing(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    old = enrolled(db, gate, by)
    new = access.rotate(db, gate, by).reveal()
    assert access.revoke(db, gate, by) == 2
    assert not use(db, old, now) and not use(db, new, now)
    assert access.keys_of(db, registry.device(db, gate).id, now) == []


def test_a_key_with_one_letter_changed_opens_nothing(db: sqlite3.Connection, gate: str, by: By, now: datetime) -> None:
    key = enrolled(db, gate, by)
    for wrong in (key[:-1] + ("A" if key[-1] != "A" else "B"), key[:-1], key + "A", "", "pvk_", key.upper()):
        assert access.authenticate(db, wrong, now) is None


def test_no_key_and_no_code_is_in_the_database(path: Path, db: sqlite3.Connection, gate: str, by: By) -> None:
    code = access.make_code(db, gate, by).reveal()
    key = access.enroll(db, gate, code, by.now).reveal()
    new = access.rotate(db, gate, by).reveal()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    for secret in (code, code.replace("-", ""), key.split("_", 2)[2], new.split("_", 2)[2]):
        assert secret.encode() not in content


def test_a_key_does_not_show_when_it_is_printed() -> None:
    key = new_key()
    assert key.secret.reveal() not in f"{key!r} {key.secret}"
    assert lookup_of(key.secret.reveal()) == key.lookup
    assert len({new_code().reveal() for _ in range(50)}) == 50
    assert code_digest("abc-de") == code_digest("ABCDE")


@pytest.mark.parametrize("name", ["../../../evil", "", ".hidden", "a/b", "a b", "ä", "x" * 65, "a\n", "-a"])
def test_a_name_that_could_be_a_path_is_refused(db: sqlite3.Connection, by: By, name: str) -> None:
    with pytest.raises(BadName):
        registry.add(db, name, "", by)


def test_a_device_is_made_once(db: sqlite3.Connection, gate: str, by: By) -> None:
    with pytest.raises(DeviceExists):
        registry.add(db, gate, "", by)


def test_what_is_not_there_is_named(db: sqlite3.Connection, by: By) -> None:
    with pytest.raises(NoSuchDevice, match="no device cellar"):
        access.rotate(db, "cellar", by)


def test_every_change_is_in_the_audit(db: sqlite3.Connection, gate: str, by: By) -> None:
    key = enrolled(db, gate, by)
    access.rotate(db, gate, by)
    access.revoke(db, gate, by)
    registry.enable(db, gate, by, enabled=False)
    rows = db.execute("SELECT actor, action, new FROM audit ORDER BY id").fetchall()
    assert [row["action"] for row in rows] == [
        "device made", "enrolment code made", "device enrolled", "key rotated", "keys revoked", "device disabled",
    ]  # fmt: skip
    assert all(key not in str(row["new"]) for row in rows)
