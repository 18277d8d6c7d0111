"""A host without a hand: the first account is made with the password that the host made, once."""

from datetime import UTC, datetime

import pytest

from bookedbiz.settings import Settings
from bookedbiz.users import FIRST_ADMIN, list_users, verify_password
from bookedbiz.web.first_admin import make_first_admin
from station_kit.environment import Secret
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
PASSWORD = "made by the host, once"


@pytest.fixture
def new(tmp_path):
    """A new ledger, what a host says, and the password that it made."""
    path = tmp_path / "new.db"
    db = open_database(path)
    migrate(db, "bookedbiz.schema")
    (tmp_path / "first_admin_password").write_text(PASSWORD)
    yield db, Settings(path, Secret("0123456789abcdef")), {"CREDENTIALS_DIRECTORY": str(tmp_path)}, NOW
    db.close()


def test_the_first_admin_comes_in_with_the_hosts_password(new):
    db, settings, environ, now = new
    assert make_first_admin(settings, environ, now)
    assert verify_password(db, FIRST_ADMIN, Secret(PASSWORD)).role == "admin"


def test_a_restart_makes_no_other(new):
    db, settings, environ, now = new
    assert [make_first_admin(settings, environ, now) for _ in range(2)] == [True, False]
    assert len(list_users(db)) == 1


def test_without_a_password_from_the_host_nobody_is_made(new):
    db, settings, _, now = new
    assert not make_first_admin(settings, {}, now) and list_users(db) == []


def test_a_standby_makes_nobody(new):
    db, settings, environ, now = new
    standby = Settings(settings.database, settings.secret_key, read_only=True)
    assert not make_first_admin(standby, environ, now) and list_users(db) == []
