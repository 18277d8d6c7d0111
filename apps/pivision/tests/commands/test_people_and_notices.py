"""What the README tells to type, typed: accounts and who is told."""

import pytest
from click.testing import CliRunner

from pivision import tokens, users
from pivision.cli import pivision
from pivision.telling import subscribers
from pivision.users import Role
from station_kit.environment import Secret


@pytest.fixture
def type_in(appliance, monkeypatch):
    """Runs a command of `pivision` on the appliance; what is not said of it is asked on standard input."""
    for name in ("PORT", "BIND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_PATH", str(appliance.path))
    monkeypatch.setenv("DATA_PATH", str(appliance.folder.root))

    def run(*words, asked=""):
        return CliRunner().invoke(pivision, words, input=asked)

    return run


def test_an_admin_is_added_with_a_password_from_standard_input(type_in, appliance):
    done = type_in("users", "add", "anna", "--role", "admin", asked="a long enough password\n")
    assert done.exit_code == 0 and "anna may change things" in done.output
    user = users.who_signs_in(appliance.db, "anna", Secret("a long enough password"))
    assert user is not None and user.role is Role.ADMIN
    assert "anna  admin" in type_in("users", "list").output


def test_without_a_role_somebody_may_look(type_in, appliance):
    type_in("users", "add", "guest", asked="a long enough password\n")
    assert users.by_name(appliance.db, "guest").role is Role.VIEWER


def test_another_password_is_taken(type_in, appliance):
    type_in("users", "add", "anna", "--role", "admin", asked="a long enough password\n")
    assert type_in("users", "passwd", "anna", asked="another long password\n").exit_code == 0
    assert users.who_signs_in(appliance.db, "anna", Secret("another long password"))


def test_somebody_is_told_and_told_no_more(type_in, appliance):
    options = ("--form", "ntfy", "--kind", "stock_changed", "--quiet", "22:00-07:00", "--no-picture")
    done = type_in("subscribers", "add-webhook", "phone", *options, asked="https://ntfy.example/secret\n")
    assert done.exit_code == 0 and "secret" not in done.output
    [made] = subscribers.everybody(appliance.db)
    assert made.to.wishes.kinds == ("stock_changed",) and made.to.wishes.quiet_to == "07:00"
    assert type_in("subscribers", "add-mqtt", "home", "ha.local", "--user", "pv", asked="a password\n").exit_code == 0
    assert type_in("subscribers", "list").output.splitlines() == [
        "home  mqtt at ha.local  on",
        "phone  webhook at ntfy.example  on",
    ]
    type_in("subscribers", "remove", "phone")
    assert [each.name for each in subscribers.everybody(appliance.db)] == ["home"]


def test_mail_is_added_with_its_addresses(type_in, appliance):
    done = type_in("subscribers", "add-mail", "owner", "anna@stand.example", "bo@stand.example", "--device", "stand")
    assert done.output == "owner is told of events by mail to anna@stand.example, bo@stand.example\n"
    [made] = subscribers.everybody(appliance.db)
    assert made.kind == "mail" and made.to.wishes.devices == ("stand",)
    assert type_in("subscribers", "add-mail", "other", "anna").exit_code != 0


def test_a_token_is_printed_once_listed_and_ended(type_in, appliance):
    type_in("users", "add", "guest", asked="a long enough password\n")
    made = type_in("users", "token", "add", "guest", "shelf")
    secret = made.stdout.strip()
    assert made.exit_code == 0 and tokens.whose(appliance.db, secret, appliance.now).user.name == "guest"
    listed = type_in("users", "token", "list").output
    assert listed == f"guest  shelf  viewer  …{secret[-4:]}  never used\n"
    assert type_in("users", "token", "add", "guest", "more", "--role", "admin").exit_code != 0
    assert type_in("users", "token", "revoke", "guest", "shelf").exit_code == 0
    assert tokens.whose(appliance.db, secret, appliance.now) is None
