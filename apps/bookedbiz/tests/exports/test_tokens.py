"""Tokens of workbooks: shown once, kept as a digest, revoked for good."""

import pytest

from bookedbiz.errors import BookedBizError
from bookedbiz.exports.tokens import any_token, list_tokens, new_token, opens, revoke_token
from bookedbiz.names.audit import By
from station_kit.environment import Secret

BY = By("pat", "2026-11-20T20:00:00.000Z")


def test_a_token_opens_until_it_is_revoked(ledger) -> None:
    assert not any_token(ledger)
    first, second = new_token(ledger, "Sales workbook", BY), new_token(ledger, "Owner", BY)
    assert opens(ledger, first.reveal())
    assert opens(ledger, second.reveal())
    revoke_token(ledger, "Sales workbook", BY)
    assert not opens(ledger, first.reveal())
    assert opens(ledger, second.reveal())
    assert any_token(ledger)


@pytest.mark.parametrize("text", ["", "x", "Sales workbook"])
def test_nothing_else_opens(ledger, text) -> None:
    token = new_token(ledger, "Sales workbook", BY).reveal()
    assert not opens(ledger, text)
    assert not opens(ledger, token.upper())
    assert not opens(ledger, token[:-1])
    assert not opens(ledger, ledger.execute("SELECT digest FROM export_token").fetchone()[0])


def test_the_ledger_never_holds_the_token_itself(ledger) -> None:
    token = new_token(ledger, "Sales workbook", BY).reveal()
    assert not any(token in text for text in ledger.iterdump())
    assert token not in repr(list_tokens(ledger))


def test_a_workbook_may_keep_the_token_it_has(ledger) -> None:
    new_token(ledger, "Old workbook", BY, given=Secret("a token of sixteen or more"))
    assert opens(ledger, "a token of sixteen or more")
    with pytest.raises(BookedBizError, match="shorter than 16"):
        new_token(ledger, "Other", BY, given=Secret("short"))


def test_names_are_given_once_and_audited(ledger) -> None:
    new_token(ledger, "Sales workbook", BY)
    with pytest.raises(BookedBizError, match="Sales workbook has one"):
        new_token(ledger, "Sales workbook", BY)
    with pytest.raises(BookedBizError, match="no name"):
        new_token(ledger, " ", BY)
    revoke_token(ledger, "Sales workbook", BY)
    with pytest.raises(BookedBizError, match="none of the name"):
        revoke_token(ledger, "Sales workbook", BY)
    new_token(ledger, "Sales workbook", BY)
    assert [bool(token.revoked_at) for token in list_tokens(ledger)] == [True, False]
    assert [row[0] for row in ledger.execute("SELECT action FROM audit ORDER BY id")] == [
        "token_new",
        "token_revoke",
        "token_new",
    ]
