"""A real database without devices."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pivision.database import open_durable
from pivision.devices.audit import By

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def by() -> By:
    return By("anna", NOW)


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_durable(path)
    yield opened
    opened.close()
