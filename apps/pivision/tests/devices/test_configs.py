"""Configurations have versions: nobody overwrites another's change, and every one can be taken back."""

import sqlite3
from dataclasses import replace

import pytest

from pivision.config import Cadence, Config
from pivision.devices import configs, registry
from pivision.devices.audit import By
from pivision.devices.errors import ConfigConflict, NoSuchVersion

SLOW = Config(cadence=Cadence(capture_interval_ms=60_000))


@pytest.fixture
def device_id(db: sqlite3.Connection, by: By) -> int:
    return registry.add(db, "gate", "", by).id


def test_the_defaults_are_in_force_until_something_is_saved(db: sqlite3.Connection, device_id: int) -> None:
    assert configs.in_force(db, device_id) == configs.Version(0, Config())


def test_what_was_saved_is_in_force(db: sqlite3.Connection, device_id: int, by: By) -> None:
    assert configs.put(db, device_id, SLOW, by, expected=0) == 1
    found = configs.in_force(db, device_id)
    assert (found.version, found.config, found.made_by) == (1, SLOW, "anna")
    assert registry.device(db, "gate").config_version == 1


def test_a_change_made_from_an_older_version_is_refused(db: sqlite3.Connection, device_id: int, by: By) -> None:
    configs.put(db, device_id, SLOW, by, expected=0)
    with pytest.raises(ConfigConflict, match="version 1 is in force"):
        configs.put(db, device_id, Config(), by, expected=0)
    assert configs.in_force(db, device_id).config == SLOW


def test_taking_back_is_a_new_version(db: sqlite3.Connection, device_id: int, by: By) -> None:
    configs.put(db, device_id, SLOW, by, expected=0)
    fast = replace(SLOW, cadence=Cadence(capture_interval_ms=1000))
    configs.put(db, device_id, fast, by, expected=1)
    assert configs.revert(db, device_id, 1, by, expected=2) == 3
    assert configs.in_force(db, device_id).config == SLOW
    assert [(each.version, each.note) for each in configs.history(db, device_id)] == [
        (3, "as version 1"), (2, ""), (1, ""),
    ]  # fmt: skip


def test_back_to_the_defaults(db: sqlite3.Connection, device_id: int, by: By) -> None:
    configs.put(db, device_id, SLOW, by, expected=0)
    configs.revert(db, device_id, 0, by, expected=1)
    assert configs.in_force(db, device_id).config == Config()


def test_a_version_that_never_was_is_named(db: sqlite3.Connection, device_id: int, by: By) -> None:
    with pytest.raises(NoSuchVersion):
        configs.revert(db, device_id, 7, by, expected=0)
