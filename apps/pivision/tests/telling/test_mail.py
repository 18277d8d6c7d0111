"""An event comes as one mail with its picture; nobody's password gets out, whatever the mail server says."""

import logging
from email import message_from_bytes
from email.policy import default

import cv2
import numpy as np
import pytest

from pivision.devices import registry
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.pictures.beside import NotJoined, side_by_side
from pivision.pictures.filing import write_durably
from pivision.pictures.privacy import blurred
from pivision.telling import subscribers
from pivision.telling.delivering import Deliverer
from pivision.telling.outbox import announce
from pivision.telling.subscribers import BadSubscriber, Broker, Form, Mailbox, Webhook, Wishes
from pivision.telling.trying import try_out
from pivision.telling.webhook import NotTold
from pivision.testing.pictures import picture
from station_kit.environment import Secret
from station_kit.mail import MailServer
from station_kit.testing.mail import MailBox, mail_server

PASSWORD = "correct-horse-battery"
ANNA = "anna@stand.example"


@pytest.fixture
def box():
    with mail_server(MailBox(logins={"camera": PASSWORD}, need_login=True)) as box:
        yield box


@pytest.fixture
def deliverer(appliance, box):
    return by_server(appliance, box.port)


def by_server(appliance, port, password=PASSWORD):
    server = MailServer("127.0.0.1", port, "none", "pi@stand.example", "camera", Secret(password))
    return Deliverer(appliance.db, appliance.folder, lambda: appliance.now, server)


def write_to(appliance, *to, **wishes):
    who = By("test", appliance.now)
    return subscribers.add_mailbox(
        appliance.db, appliance.folder, "anna", Mailbox(to or (ANNA,), Wishes(**wishes)), who
    )


def happen(appliance, *roles, moment="start", kind="interaction_detected"):
    device = appliance.rows("SELECT id FROM device") or [{"id": appliance.device()}]
    event_id = appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, created_at)"
        " VALUES (?, ?, 1, ?, 0.9, 'Somebody came', '{}', '') RETURNING id",
        (device[0]["id"], kind, utc_text(appliance.now)),
    ).fetchone()["id"]
    keep(appliance, event_id, *roles)
    announce(appliance.db, event_id, moment, appliance.now)
    return event_id


def keep(appliance, event_id, *roles):
    for number, role in enumerate(roles):
        path = f"events/stand/{event_id}/{role}.jpg"
        write_durably(appliance.folder.file(path), picture(number, 640, 480))
        appliance.db.execute(
            "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
            " VALUES (?, ?, ?, 640, 480, 1, ?)",
            (event_id, role, path, utc_text(appliance.now)),
        )


def ends(appliance, event_id):
    appliance.db.execute("UPDATE event SET ended_at = ? WHERE id = ?", (utc_text(appliance.now), event_id))
    announce(appliance.db, event_id, "end", appliance.now)


def letters(box):
    return [message_from_bytes(each.content, policy=default) for each in box.got]


def image_of(letter):
    [part] = letter.iter_attachments()
    assert (part.get_content_type(), part.get_content_disposition()) == ("image/jpeg", "inline")
    return part.get_content()


def test_an_event_is_one_mail_with_words_and_its_picture(appliance, box, deliverer):
    write_to(appliance, ANNA, "bo@stand.example")
    event_id = happen(appliance, "during")
    assert (deliverer.deliver_due(), deliverer.deliver_due()) == (1, 0)
    [letter] = letters(box)
    assert (letter["Subject"], letter["From"]) == ("stand: Somebody came", "pi@stand.example")
    assert box.got[0].to == [ANNA, "bo@stand.example"]
    words = letter.get_body(("plain",)).get_content()
    assert "Friday, November 20, 12:00:00" in words and f"Event: {event_id}" in words and "Sure: 90%" in words
    assert image_of(letter) == picture(0, 640, 480)


@pytest.mark.parametrize(
    "title",
    ["=?utf-8?q?=0D=0AReply-To:_evil?=", "a\r\nReply-To: evil", "a\x00b\x1b[2J", "a\x85Reply-To: evil", "\u2028é=?x"],
)
def test_no_title_makes_a_header_of_its_own(appliance, box, deliverer, title):
    write_to(appliance)
    happen(appliance)
    appliance.db.execute("UPDATE device SET title = ?", (title,))
    assert deliverer.deliver_due() == 1
    [letter] = letters(box)
    assert letter["Reply-To"] is None and letter["Subject"].endswith(": Somebody came")
    head, _, words = box.got[0].content.replace(b"\r\n", b"\n").partition(b"\n\n")
    assert b"\nReply-To" not in head and not {0, 0x1B} & set(head + words)


def test_an_address_that_a_header_would_decode_is_none(appliance):
    with pytest.raises(BadSubscriber, match="no e-mail address"):
        write_to(appliance, "=?utf-8?q?a=0D=0AX:_y?=@stand.example")


def test_before_and_after_are_beside_each_other(appliance, box, deliverer):
    write_to(appliance)
    happen(appliance, "pre", "during", "post", moment="end", kind="stock_changed")
    deliverer.deliver_due()
    [letter] = letters(box)
    assert "Before is on the left" in letter.get_body(("plain",)).get_content()
    assert image_of(letter) == side_by_side(picture(0, 640, 480), picture(2, 640, 480))


def test_the_two_are_of_one_height_and_nothing_is_cut():
    dark, light = (
        cv2.imencode(".jpg", np.full((height, width, 3), value, np.uint8))[1].tobytes()
        for height, width, value in ((720, 1280, 10), (240, 320, 240))
    )
    both = cv2.imdecode(np.frombuffer(side_by_side(dark, light), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert both.shape == (240, 427 + 8 + 320)
    assert both[:, :400].mean() < 20 and both[:, 450:].mean() > 230
    with pytest.raises(NotJoined):
        side_by_side(dark, b"\xff\xd8 torn")


def test_the_picture_after_a_visit_is_sent_once_below_the_first_mail(appliance, box, deliverer):
    write_to(appliance)
    event_id = happen(appliance, "pre", "during")
    deliverer.deliver_due()
    appliance.pass_time(seconds=20)
    keep(appliance, event_id, "post")
    ends(appliance, event_id)
    assert (deliverer.deliver_due(), deliverer.deliver_due()) == (1, 0)
    first, second = letters(box)
    assert second["In-Reply-To"] == first["Message-ID"] != second["Message-ID"]
    assert first["Message-ID"].endswith("@stand.example>")
    assert second["Subject"].endswith("(over)") and "Before is on the left" in second.get_body(("plain",)).get_content()


def test_a_visit_that_ends_without_a_new_picture_is_no_second_mail(appliance, box, deliverer):
    write_to(appliance)
    event_id = happen(appliance, "during")
    deliverer.deliver_due()
    appliance.pass_time(seconds=20)
    ends(appliance, event_id)
    deliverer.deliver_due()
    assert len(box.got) == 1
    assert appliance.rows("SELECT last_error FROM delivery WHERE moment = 'end'") == [{"last_error": "said already"}]


def test_who_was_away_for_all_of_a_visit_gets_one_mail_with_all_of_it(appliance, box):
    write_to(appliance)
    away = by_server(appliance, 1)
    event_id = happen(appliance, "pre")
    assert away.deliver_due() == 0
    [row] = appliance.rows("SELECT last_error FROM delivery")
    assert row == {"last_error": "mail not sent: the mail server refused the connection"}
    appliance.pass_time(seconds=20)
    keep(appliance, event_id, "post")
    ends(appliance, event_id)
    by_server(appliance, box.port).deliver_due()
    [letter] = letters(box)
    assert "Before is on the left" in letter.get_body(("plain",)).get_content()


def test_that_a_camera_sees_again_is_told_though_it_has_no_picture(appliance, box, deliverer):
    write_to(appliance)
    event_id = happen(appliance, kind="camera_obstructed")
    deliverer.deliver_due()
    appliance.pass_time(seconds=20)
    ends(appliance, event_id)
    deliverer.deliver_due()
    assert [letter["Subject"].endswith("(over)") for letter in letters(box)] == [False, True]


def test_quiet_hours_and_kinds_hold_for_mail_too(appliance, box, deliverer):
    write_to(appliance, quiet_from="11:00", quiet_to="13:00", kinds=("stock_changed",))
    happen(appliance, kind="stock_changed")
    happen(appliance)
    deliverer.deliver_due()
    assert not box.got
    assert {row["last_error"] for row in appliance.rows("SELECT last_error FROM delivery")} == {
        "quiet hours", "not wanted",
    }  # fmt: skip


def test_of_a_blurred_camera_the_goods_alone_are_mailed(appliance, box, deliverer):
    write_to(appliance)
    happen(appliance, "pre", "post")
    registry.blur(appliance.db, "stand", By("test", appliance.now), wanted=True)
    deliverer.deliver_due()
    [letter] = letters(box)
    assert image_of(letter) == side_by_side(*(blurred(picture(number, 640, 480), []) for number in (0, 1)))


def test_a_wrong_password_is_said_and_shown_nowhere(appliance, box, caplog):
    caplog.set_level(logging.DEBUG)
    write_to(appliance)
    happen(appliance)
    assert by_server(appliance, box.port, "wrong-staple").deliver_due() == 0
    [row] = appliance.rows("SELECT last_error, attempts FROM delivery")
    assert row == {"last_error": "mail not sent: the mail server refused the user (535)", "attempts": 1}
    everything = caplog.text + "".join(
        str(appliance.rows(f"SELECT * FROM {table}")) for table in ("audit", "subscriber")
    )
    assert "staple" not in everything and PASSWORD not in everything
    assert box.got == []


def test_a_machine_without_a_mail_server_says_so(appliance):
    write_to(appliance)
    happen(appliance)
    assert Deliverer(appliance.db, appliance.folder, lambda: appliance.now).deliver_due() == 0
    assert "NOTICE_SMTP" in appliance.rows("SELECT last_error FROM delivery")[0]["last_error"]


def test_a_test_is_sent_at_once_and_is_no_event(appliance, box):
    write_to(appliance, quiet_from="00:00", quiet_to="23:59")
    server = MailServer("127.0.0.1", box.port, "none", "pi@stand.example", "camera", Secret(PASSWORD))
    assert try_out(appliance.db, appliance.folder, "anna", server, appliance.now).name == "anna"
    [letter] = letters(box)
    assert letter["Subject"] == "PiVision: This is a test, nothing happened"
    assert appliance.rows("SELECT * FROM delivery") == []
    wrong = MailServer("127.0.0.1", box.port, "none", "pi@stand.example", "camera", Secret("wrong-staple"))
    with pytest.raises(NotTold, match=r"refused the user \(535\)$"):
        try_out(appliance.db, appliance.folder, "anna", wrong, appliance.now)
    with pytest.raises(NotTold, match="NOTICE_SMTP"):
        try_out(appliance.db, appliance.folder, "anna", None, appliance.now)


def test_a_webhook_can_be_tried_and_a_broker_says_where_to_look(appliance, hook):
    who = By("test", appliance.now)
    subscribers.add_webhook(appliance.db, appliance.folder, "phone", Secret(hook.address), Webhook("", Form.NTFY), who)
    subscribers.add_broker(appliance.db, appliance.folder, "home", Broker("ha.local"), None, who)
    try_out(appliance.db, appliance.folder, "phone", None, appliance.now)
    assert b"This is a test" in hook.got[0][2]
    with pytest.raises(BadSubscriber, match="not tried"):
        try_out(appliance.db, appliance.folder, "home", None, appliance.now)


@pytest.mark.parametrize("to", [(), ("anna",), ("a@b\nBcc: c@d",), ("a@b.example",) * 21])
def test_what_is_no_address_is_refused(appliance, to):
    with pytest.raises(BadSubscriber, match="not added"):
        subscribers.add_mailbox(appliance.db, appliance.folder, "anna", Mailbox(to), By("test", appliance.now))
