"""What the README tells to type, typed: accounts, who is told, and what is said when something is missing."""

import pytest
from click.testing import CliRunner

from pivision import tokens, users
from pivision.cli import pivision
from pivision.errors import StartRefused
from pivision.settings import Settings
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


def test_without_a_secret_key_it_is_said_how_to_make_one(tmp_path):
    environ = {"DATABASE_PATH": str(tmp_path / "p.db"), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    with pytest.raises(StartRefused) as why:
        Settings.from_env(environ)
    assert "secrets.token_urlsafe" in why.value.hint
    with pytest.raises(StartRefused) as why:
        Settings.from_env({"DATABASE_PATH": str(tmp_path / "p.db")})
    assert "folder with a file secret_key" in why.value.hint


def test_one_camera_is_one(type_in):
    type_in("devices", "add", "stand")
    assert type_in("devices", "list").output.endswith("1 device.\n")


def test_a_backup_that_is_not_there_is_not_downloaded_again(type_in):
    done = type_in("restore", "nowhere.zip")
    assert done.exit_code == 1 and "nowhere.zip cannot be read: No such file" in str(done.exception)
