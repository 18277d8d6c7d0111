"""The ways are set up by the environment alone, none by default, and what is wrong is named without its secret."""

from pathlib import Path

import pytest

from bookedbiz.notices.ways import WayName, ways_of


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    for name, text in (
        ("ntfy_topic", "t0pic"),
        ("notice_webhook", "https://hooks.example/s3cret"),
        ("smtp_password", "pw"),
    ):
        (tmp_path / name).write_text(f"{text}\n")
    return {"CREDENTIALS_DIRECTORY": str(tmp_path)}


def test_nothing_is_sent_unless_somebody_says_where(environ: dict[str, str]) -> None:
    ways = ways_of(environ)
    assert (ways.names, ways.problems) == ((), ())


def test_each_way_is_set_up_by_its_variables(environ: dict[str, str]) -> None:
    ways = ways_of(
        environ
        | {
            "NOTICE_NTFY": "https://ntfy.example/", "NOTICE_WEBHOOK": "slack", "NOTICE_SMTP": "mail.example",
            "NOTICE_SMTP_USER": "bookedbiz", "NOTICE_MAIL_FROM": "a@x.example",
            "NOTICE_MAIL_TO": "b@x.example, c@x.example",
        }
    )  # fmt: skip
    assert ways.names == (WayName.NTFY, WayName.WEBHOOK, WayName.MAIL)
    assert ways.problems == ()
    assert ways.ntfy is not None
    assert ways.ntfy.server == "https://ntfy.example"
    assert ways.mail is not None
    assert (ways.mail.server.port, ways.mail.to) == (587, ("b@x.example", "c@x.example"))
    for secret in ("t0pic", "s3cret", "pw'"):
        assert secret not in repr(ways)


def test_mail_without_recipients_is_for_subscribers_alone(environ: dict[str, str]) -> None:
    ways = ways_of(environ | {"NOTICE_SMTP": "mail.example:25", "NOTICE_MAIL_FROM": "a@x.example"})
    assert ways.mail is not None
    assert ways.names == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"NOTICE_NTFY": "ntfy.example"}, "NOTICE_NTFY is no address"),
        ({"NOTICE_WEBHOOK": "discord"}, "NOTICE_WEBHOOK is none of"),
        ({"NOTICE_SMTP": "mail.example:x", "NOTICE_MAIL_FROM": "a@x.example"}, "no HOST or HOST:PORT"),
        ({"NOTICE_SMTP": "mail.example", "NOTICE_MAIL_FROM": "nobody"}, "'nobody' of the notices' mail"),
        ({"NOTICE_SMTP": "mail.example", "NOTICE_MAIL_FROM": "a@b", "NOTICE_SMTP_SECURITY": "ssl"}, "none of starttls"),
        ({"NOTICE_NTFY": "https://n.example", "CREDENTIALS_DIRECTORY": ""}, "No secret ntfy_topic"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_named(environ: dict[str, str], wrong: dict[str, str], says: str) -> None:
    ways = ways_of(environ | wrong)
    assert ways.names == ()
    assert says in ways.problems[0]


def test_a_webhook_that_nobody_has_written_down_yet_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "notice_webhook").write_text("qwertyuiop\n")
    ways = ways_of(environ | {"NOTICE_WEBHOOK": "plain"})
    assert ways.webhook is None
    assert "holds no address" in ways.problems[0]
    assert "qwertyuiop" not in str(ways.problems)
