"""Users: made, found whatever the case, and known by their password alone."""

import pytest

from bookedbiz.errors import BookedBizError
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae
from bookedbiz.users import (
    NewUser,
    Role,
    create_user,
    find_user,
    find_user_by_email,
    list_users,
    record_login,
    set_password,
    verify_password,
)
from station_kit.environment import Secret

BY = By("admin", "2026-11-20T20:00:00.000Z")
PASSWORD = Secret("correct horse battery")


@pytest.fixture
def avery(ledger):
    return create_user(ledger, NewUser("Avery@Station.example", Role.AE, "Avery", "Quill", PASSWORD), BY)


def test_a_user_is_found_whatever_the_case_of_the_e_mail(ledger, avery) -> None:
    assert find_user_by_email(ledger, " avery@station.EXAMPLE") == avery == find_user(ledger, avery.id)
    assert avery.name == "Avery Quill"
    assert list_users(ledger) == [avery]


def test_only_the_right_password_of_an_active_user_is_verified(ledger, avery) -> None:
    assert verify_password(ledger, "AVERY@station.example", PASSWORD) == avery
    assert verify_password(ledger, avery.email, Secret("correct horse")) is None
    assert verify_password(ledger, "nobody@station.example", PASSWORD) is None
    ledger.execute("UPDATE user SET active = 0")
    assert verify_password(ledger, avery.email, PASSWORD) is None


def test_a_user_without_a_password_cannot_log_in_with_any(ledger) -> None:
    create_user(ledger, NewUser("a@b.example", Role.VIEWER), BY)
    for guess in ("", "nobody has this password"):
        assert verify_password(ledger, "a@b.example", Secret(guess)) is None


def test_a_new_password_replaces_the_old_and_is_audited_without_being_told(ledger, avery) -> None:
    set_password(ledger, avery.email, Secret("another good one"), BY)
    assert verify_password(ledger, avery.email, PASSWORD) is None
    assert verify_password(ledger, avery.email, Secret("another good one")) == avery
    lines = [tuple(row) for row in ledger.execute("SELECT action, key FROM audit")]
    assert lines == [("user_create", "Avery@Station.example"), ("user_password", "Avery@Station.example")]
    assert "another good one" not in "\n".join(ledger.iterdump())


def test_a_login_is_remembered(ledger, avery) -> None:
    record_login(ledger, avery.id, "2026-11-20T21:00:00.000Z")
    assert find_user(ledger, avery.id).last_login_at == "2026-11-20T21:00:00.000Z"


def test_a_user_is_linked_to_an_account_executive_by_id(ledger) -> None:
    ae_id = create_ae(ledger, "Jordan Vale", BY)
    assert create_user(ledger, NewUser("j@s.example", Role.AE, ae="jordan vale"), BY).ae_id == ae_id
    with pytest.raises(BookedBizError, match="no account executive"):
        create_user(ledger, NewUser("k@s.example", Role.AE, ae="Somebody"), BY)


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (NewUser("nobody", Role.VIEWER), "no e-mail"),
        (NewUser("a b@c.example", Role.VIEWER), "no e-mail"),
        (NewUser("AVERY@STATION.EXAMPLE", Role.VIEWER), "exists already"),
        (NewUser("x@s.example", Role.VIEWER, password=Secret("short")), "shorter than 10"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(ledger, avery, new: NewUser, says: str) -> None:
    with pytest.raises(BookedBizError, match=says):
        create_user(ledger, new, BY)
    assert list_users(ledger) == [avery]


def test_nobody_gets_a_password_who_is_not_there(ledger) -> None:
    with pytest.raises(BookedBizError, match="there is no user"):
        set_password(ledger, "x@s.example", PASSWORD, BY)
