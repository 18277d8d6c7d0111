"""An event reaches everybody who wants it, once, also after they were away; what opens doors is told to nobody."""

import json
import logging
import threading
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from pivision.database import open_durable
from pivision.devices import registry
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.pictures.filing import write_durably
from pivision.pictures.privacy import blurred
from pivision.telling import subscribers
from pivision.telling.delivering import Deliverer
from pivision.telling.outbox import announce
from pivision.telling.subscribers import BadSubscriber, Broker, Form, Webhook, Wishes
from pivision.testing.pictures import picture
from station_kit.environment import Secret
from station_kit.migrations import migrate

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PICTURE = b"\xff\xd8 a picture \xff\xd9"


@pytest.fixture
def deliverer(appliance):
    made = Deliverer(appliance.db, appliance.folder, lambda: appliance.now)
    yield made
    made.close()


def by(appliance):
    return By("test", appliance.now)


def listen(appliance, hook, form=Form.JSON, name="phone", **wishes):
    wanted = Webhook("", form, Wishes(**wishes))
    return subscribers.add_webhook(appliance.db, appliance.folder, name, Secret(hook.address), wanted, by(appliance))


def happen(appliance, kind="interaction_detected", moment="start"):
    device = appliance.rows("SELECT id FROM device") or [{"id": appliance.device()}]
    event_id = appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, created_at)"
        " VALUES (?, ?, 1, ?, 0.9, 'Somebody came', '{}', '') RETURNING id",
        (device[0]["id"], kind, utc_text(appliance.now)),
    ).fetchone()["id"]
    path = f"events/stand/{event_id}/during-1.jpg"
    write_durably(appliance.folder.file(path), PICTURE)
    appliance.db.execute(
        "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
        " VALUES (?, 'during', ?, 1, 1, 1, '')",
        (event_id, path),
    )
    announce(appliance.db, event_id, moment, appliance.now)
    announce(appliance.db, event_id, moment, appliance.now)
    return event_id


def test_an_event_is_told_once_with_its_picture(appliance, deliverer, hook):
    listen(appliance, hook)
    event_id = happen(appliance)
    assert (deliverer.deliver_due(), deliverer.deliver_due()) == (1, 0)
    [(_, headers, body)] = hook.got
    assert headers["Content-Type"].startswith("multipart/form-data") and PICTURE in body
    assert json.loads(body.split(b"\r\n\r\n")[1].split(b"\r\n")[0])["event_id"] == event_id


@pytest.mark.parametrize("form", [Form.JSON, Form.NTFY])
def test_of_a_camera_with_the_blur_a_notice_shows_the_goods_alone(appliance, deliverer, hook, form):
    listen(appliance, hook, form)
    event_id = happen(appliance)
    original = picture(1, 320, 240)
    write_durably(appliance.folder.file(f"events/stand/{event_id}/during-1.jpg"), original)
    registry.blur(appliance.db, "stand", by(appliance), wanted=True)
    deliverer.deliver_due()
    [(_, _, body)] = hook.got
    assert blurred(original, []) in body and original[2000:2200] not in body


def test_a_picture_that_cannot_be_blurred_is_not_sent_and_the_words_are(appliance, deliverer, hook):
    listen(appliance, hook)
    happen(appliance)
    registry.blur(appliance.db, "stand", by(appliance), wanted=True)
    assert deliverer.deliver_due() == 1
    [(_, headers, body)] = hook.got
    assert headers["Content-Type"] == "application/json" and PICTURE not in body


def test_ntfy_gets_the_picture_as_its_body_and_words_as_headers(appliance, deliverer, hook):
    listen(appliance, hook, Form.NTFY)
    happen(appliance)
    deliverer.deliver_due()
    [(path, headers, body)] = hook.got
    assert (path, body, headers["Title"]) == ("/a-long-secret-topic", PICTURE, "stand: Somebody came")


def test_who_was_away_is_told_later_in_order(appliance, deliverer, hook):
    listen(appliance, hook, Form.CHAT)
    hook.status = 503
    happen(appliance)
    appliance.pass_time(seconds=1)
    happen(appliance, "stock_changed")
    assert deliverer.deliver_due() == 0 and len(hook.got) == 1
    hook.status = 200
    assert deliverer.deliver_due() == 1
    appliance.pass_time(seconds=10)
    assert deliverer.deliver_due() == 1
    assert appliance.rows("SELECT count(*) AS n FROM delivery WHERE delivered_at IS NULL") == [{"n": 0}]


def test_after_a_day_it_is_given_up(appliance, deliverer, hook):
    listen(appliance, hook)
    hook.status = 500
    happen(appliance)
    appliance.pass_time(hours=25)
    deliverer.deliver_due()
    assert appliance.rows("SELECT given_up_at IS NOT NULL AS over FROM delivery") == [{"over": 1}]


def test_a_redirect_is_not_followed(appliance, deliverer, hook):
    listen(appliance, hook)
    hook.status = 302
    happen(appliance)
    assert deliverer.deliver_due() == 0
    assert "it answered 302" in str(appliance.rows("SELECT last_error FROM delivery"))


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"kinds": ("stock_changed",)}, 0),
        ({"devices": ("stand",)}, 1),
        ({"devices": ("other",)}, 0),
        ({"quiet_from": "11:00", "quiet_to": "13:00"}, 0),
        ({"quiet_from": "13:00", "quiet_to": "11:30"}, 1),
    ],
)
def test_only_what_is_wanted_is_told(appliance, deliverer, hook, wishes, told):
    listen(appliance, hook, **wishes)
    happen(appliance)
    deliverer.deliver_due()
    assert len(hook.got) == told


def test_an_address_is_in_no_log_error_or_row(appliance, deliverer, hook, caplog):
    caplog.set_level(logging.DEBUG)
    listen(appliance, hook)
    hook.status = 500
    happen(appliance)
    deliverer.deliver_due()
    everything = caplog.text + "".join(appliance.db.iterdump())
    assert "a-long-secret-topic" not in everything
    [file] = appliance.folder.secrets.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_broker_is_told_what_happens_and_introduced_to_home_assistant(appliance, deliverer, broker):
    heard, found = {}, threading.Event()

    def hear(_client, _data, said):
        heard[said.topic] = said.payload
        if said.topic == "pivision/stand/event":
            found.set()

    listener = paho.Client(CallbackAPIVersion.VERSION2)
    listener.username_pw_set("camera", "right")
    listener.on_message = hear
    listener.on_connect = lambda client, *_: client.subscribe("#", qos=1)
    listener.connect("127.0.0.1", broker)
    listener.loop_start()
    try:
        to = Broker("127.0.0.1", broker, "camera")
        subscribers.add_broker(appliance.db, appliance.folder, "home", to, Secret("right"), by(appliance))
        happen(appliance)
        assert deliverer.deliver_due() == 1
        assert found.wait(20)
    finally:
        listener.disconnect()
        listener.loop_stop()
    config = json.loads(heard["homeassistant/binary_sensor/pivision_stand/visit/config"])
    assert config["state_topic"] == "pivision/stand/visit" and heard["pivision/stand/visit"] == b"ON"
    assert heard["pivision/stand/picture"] == PICTURE and heard["pivision/status"] == b"online"


def test_whose_secret_is_another_ones_holds_up_nobody(appliance, deliverer, hook):
    listen(appliance, hook, name="a")
    (appliance.folder.secrets / "subscriber-1.json").write_text("{}")  # as of mailboxes, which have none
    listen(appliance, hook, name="b")
    happen(appliance)
    assert deliverer.deliver_due() == 1
    [row] = appliance.rows("SELECT last_error FROM delivery WHERE delivered_at IS NULL")
    assert "secrets are not on this machine" in row["last_error"]


def test_names_and_addresses_that_make_no_sense_are_refused(appliance, hook):
    listen(appliance, hook)
    with pytest.raises(BadSubscriber, match="there is one"):
        listen(appliance, hook)
    for hook.address in ("file:///etc/passwd", "http://[", "http://host:99999/", "http://", "gopher://host/"):
        with pytest.raises(BadSubscriber, match="no http"):
            listen(appliance, hook, name="other")
    with pytest.raises(BadSubscriber, match="topic"):
        subscribers.add_broker(appliance.db, appliance.folder, "b", Broker("h", topic="a/#"), None, by(appliance))


def test_who_was_told_before_mail_came_is_told_still(tmp_path):
    def schema(name, most):
        folder = tmp_path / name
        folder.mkdir()
        for file in sorted(files("pivision.schema").iterdir(), key=lambda each: each.name):
            if file.name.endswith(".sql") and int(file.name[:3]) <= most:
                (folder / file.name).write_text(file.read_text())
        return folder

    with closing(open_durable(tmp_path / "old.db")) as db:
        migrate(db, schema("before", 3))
        db.execute("INSERT INTO subscriber VALUES (7, 'mqtt', 'home', '{}', 1, '')")
        db.execute("INSERT INTO device (id, name, title, created_at) VALUES (1, 'stand', '', '')")
        db.execute(
            "INSERT INTO event (id, device_id, kind, start_capture_id, started_at, confidence, summary, details,"
            " created_at) VALUES (1, 1, 'stock_changed', 1, '', 1, '', '{}', '')"
        )
        announce(db, 1, "end", NOON)
        migrate(db, schema("after", 4))
        db.execute("INSERT INTO subscriber (kind, name, body, created_at) VALUES ('mail', 'anna', '{}', '')")
        assert [tuple(row) for row in db.execute("SELECT id, kind FROM subscriber")] == [(7, "mqtt"), (8, "mail")]
        assert [row["subscriber_id"] for row in db.execute("SELECT subscriber_id FROM delivery")] == [7]
        db.execute("DELETE FROM subscriber WHERE id = 7")  # what is on its way to nobody goes, too
        assert db.execute("SELECT count(*) FROM delivery").fetchone()[0] == 0
