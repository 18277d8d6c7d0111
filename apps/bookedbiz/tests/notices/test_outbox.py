"""A notice is written down, goes out each way that is set up, and is tried again where it did not go."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookedbiz.names.audit import By
from bookedbiz.notices.outbox import Notice, send_waiting, tell, write_notice
from bookedbiz.notices.ways import Shape, WayName, Ways
from bookedbiz.users import NewUser, Role, create_user

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
LOUD = Notice("failed", "log.xlsx failed", "It is cut short.", loud=True)
TOPIC, HOOK = "a-topic-nobody-knows", "T0PSECRET-hook"


def waiting(ledger: sqlite3.Connection) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in ledger.execute("SELECT way, error FROM notice_way WHERE sent_at IS NULL ORDER BY id")]


def test_a_notice_goes_out_every_way_once(ledger, ways: Callable[..., Ways], web: Any, mail: Any) -> None:
    sent = tell(ledger, LOUD, ways(), NOW)
    assert (sent.sent, sent.waiting, sent.errors) == (3, 0, ())
    (path, ntfy), (hook, plain) = web.posts
    assert path == "/"  # the topic is a secret and stands in no address
    assert (ntfy["topic"], ntfy["priority"], ntfy["title"]) == (TOPIC, 5, "log.xlsx failed")
    assert hook == f"/{HOOK}"
    assert plain == {"kind": "failed", "at": "2026-11-20T20:00:00.000Z", "title": "log.xlsx failed",
                     "body": "It is cut short.", "loud": True}  # fmt: skip
    (to, text) = mail.mails[0]
    assert to == ["boss@station.example"]
    assert "Subject: log.xlsx failed" in text
    assert "It is cut short." in text
    assert send_waiting(ledger, ways(), NOW).sent == 0
    assert len(web.posts) == 2


def test_success_makes_no_sound(ledger, ways: Callable[..., Ways], web: Any) -> None:
    tell(ledger, Notice("imported", "log.xlsx", "3 rows"), ways(), NOW)
    assert web.posts[0][1]["priority"] == 2


@pytest.mark.parametrize(("shape", "has"), [(Shape.SLACK, {"text"}), (Shape.TEAMS, {"title", "text", "summary"})])
def test_a_webhook_gets_the_shape_it_expects(ledger, ways: Callable[..., Ways], web: Any, shape: Shape, has) -> None:
    tell(ledger, LOUD, ways(shape), NOW)
    posted = web.posts[1][1]
    assert has <= set(posted)
    assert "It is cut short." in posted["text"]


def test_what_does_not_go_is_named_without_its_secret_and_tried_again(
    ledger, ways: Callable[..., Ways], web: Any, mail: Any
) -> None:
    web.status = mail.status = 503
    sent = tell(ledger, LOUD, ways(), NOW)
    assert (sent.sent, sent.waiting) == (0, 3)
    said = str(sent) + str(waiting(ledger)) + repr(ways())
    assert "answered 503" in said
    assert TOPIC not in said
    assert HOOK not in said
    web.status = mail.status = 200
    again = send_waiting(ledger, ways(), NOW + timedelta(hours=6))
    assert (again.sent, waiting(ledger)) == (3, [])


def test_a_redirect_is_not_followed(ledger, ways: Callable[..., Ways], web: Any) -> None:
    web.status = 302
    tell(ledger, LOUD, ways(), NOW)
    assert {path for path, _ in web.posts} == {"/", f"/{HOOK}"}
    assert len(waiting(ledger)) == 2


def test_a_server_that_is_not_there_is_asked_once_at_a_time(ledger, ways: Callable[..., Ways], web: Any) -> None:
    for _ in range(3):
        with_ledger_written(ledger, (WayName.NTFY,))
    gone = Ways(ntfy=ways().ntfy.__class__("http://127.0.0.1:1", ways().ntfy.topic))
    sent = send_waiting(ledger, gone, NOW)
    assert sent.errors == ("ntfy: the other side refused the connection",)
    assert sent.waiting == 3


def test_one_bad_address_keeps_no_other_mail_back(ledger, ways: Callable[..., Ways], mail: Any) -> None:
    by = By("test", NOW.isoformat())
    ids = [create_user(ledger, NewUser(f"{name}@x.example", Role.AE), by).id for name in ("nobody", "someone")]
    for user_id in ids:
        write_notice(ledger, LOUD, (WayName.MAIL,), NOW, user_id=user_id)
    sent = send_waiting(ledger, ways(), NOW)
    assert (sent.sent, sent.waiting) == (1, 1)
    assert mail.mails[0][0] == ["someone@x.example"]
    assert "refused every recipient" in sent.errors[0]


def test_what_nobody_wants_to_hear_any_more_is_not_sent_and_goes_in_the_end(
    ledger, ways: Callable[..., Ways], web: Any
) -> None:
    with_ledger_written(ledger, (WayName.NTFY,))
    assert send_waiting(ledger, ways(), NOW + timedelta(days=4)).sent == 0
    write_notice(ledger, LOUD, (), NOW + timedelta(days=100))
    assert ledger.execute("SELECT count(*) FROM notice").fetchone()[0] == 1
    assert ledger.execute("SELECT count(*) FROM notice_way").fetchone()[0] == 0


def with_ledger_written(ledger: sqlite3.Connection, ways: tuple[WayName, ...]) -> None:
    write_notice(ledger, LOUD, ways, NOW)
