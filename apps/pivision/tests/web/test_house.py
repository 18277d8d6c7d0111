"""Storage, notices and people."""

import json

import pytest

from pivision.pictures import retention
from pivision.telling import subscribers
from pivision.telling.subscribers import Broker, Mailbox


def test_storage_says_what_there_is_and_what_goes_next(anna, appliance, happen):
    happen()
    appliance.pass_time(days=8)
    page = anna.get("/storage").text
    assert "3 pictures, now" in page
    assert appliance.rows("SELECT count(*) AS n FROM event_picture WHERE doomed_at IS NOT NULL") == [{"n": 0}]


def test_limits_are_saved_with_who_changed_them(anna, appliance):
    anna.post("/storage", data={"days": "3", "most_gb": "5", "free_gb": "2,5", "row_days": "10"})
    rule = retention.rule(appliance.db)
    assert (rule.days, rule.most_bytes, rule.least_free_bytes) == (3, 5_000_000_000, 2_500_000_000)
    assert appliance.rows("SELECT actor FROM audit ORDER BY id DESC LIMIT 1") == [{"actor": "anna"}]


@pytest.mark.parametrize("wrong", [{"days": "0"}, {"days": "x"}, {"free_gb": "-1"}])
def test_limits_that_make_no_sense_are_refused(anna, appliance, wrong):
    answer = anna.post("/storage", data={"days": "3", "most_gb": "", "free_gb": "2", "row_days": "10"} | wrong)
    assert answer.status_code == 422 and retention.rule(appliance.db) == retention.Rule()


def test_a_webhook_is_added_and_its_address_never_shown(anna, appliance):
    address = "https://ntfy.example/only-we-know-this"
    form = {"name": "phone", "address": address, "form": "ntfy", "kinds": ["stock_changed"], "with_picture": "1"}
    anna.post("/notices/webhook", data=form)
    page = anna.get("/notices").text
    assert "phone" in page and "ntfy.example" in page and "only-we-know-this" not in page
    [made] = subscribers.everybody(appliance.db)
    assert made.to.wishes.kinds == ("stock_changed",) and made.to.wishes.ends is False
    anna.post("/notices/phone", data={"deed": "disable"})
    assert subscribers.by_name(appliance.db, "phone").enabled is False
    anna.post("/notices/phone", data={"deed": "remove"})
    assert subscribers.everybody(appliance.db) == [] and list(appliance.folder.secrets.iterdir()) == []


def test_a_broker_is_added_with_its_password_beside_the_database(anna, appliance):
    form = {
        "name": "home",
        "host": "ha.local",
        "port": "1883",
        "user": "pv",
        "password": "a password",
        "discovery": "homeassistant",
    }
    anna.post("/notices/mqtt", data=form)
    [made] = subscribers.everybody(appliance.db)
    assert isinstance(made.to, Broker) and made.to.user == "pv"
    assert "a password" not in "".join(appliance.db.iterdump())
    assert subscribers.secrets_of(appliance.folder, made.id)["password"].reveal() == "a password"


def test_mailboxes_are_added_and_it_is_said_that_there_is_no_mail_server(anna, appliance):
    form = {"name": "owner", "to": "anna@stand.example, bo@stand.example", "kinds": ["stock_changed"], "ends": "1"}
    assert anna.post("/notices/mail", data=form).status_code == 302
    [made] = subscribers.everybody(appliance.db)
    assert isinstance(made.to, Mailbox) and made.to.to == ("anna@stand.example", "bo@stand.example")
    assert made.to.wishes.kinds == ("stock_changed",) and made.to.wishes.with_picture is False
    page = anna.get("/notices").text
    assert "bo@stand.example" in page and "knows no mail server" in page and "Send a test" in page
    refused = anna.post("/notices/owner", data={"deed": "try"})
    assert refused.status_code == 422 and "NOTICE_SMTP" in refused.text
    assert anna.post("/notices/mail", data=form | {"name": "x", "to": "anna"}).status_code == 422


def test_somebody_new_may_look_and_no_more(anna, as_person, appliance):
    anna.post("/people", data={"name": "carl", "password": "a long enough password", "role": "viewer"})
    carl = as_person("carl")
    assert carl.get("/dashboard").status_code == 200 and carl.get("/people").status_code == 403
    anna.post("/people/carl", data={"role": "viewer"})
    assert carl.get("/dashboard").status_code == 302


def test_a_short_password_is_refused(anna):
    answer = anna.post("/people", data={"name": "carl", "password": "short", "role": "viewer"})
    assert answer.status_code == 422 and "fewer than" in answer.text


def test_times_are_shown_where_the_appliance_stands(anna, appliance, happen):
    happen()
    anna.post("/people/time-zone", data={"zone": "Asia/Tokyo"})
    page = anna.get("/events").text
    assert "21:01:00" in page and "Times are those of Asia/Tokyo" in page
    assert anna.post("/people/time-zone", data={"zone": "Atlantis"}).status_code == 422
    assert json.loads(appliance.rows("SELECT value FROM setting")[0]["value"]) == "Asia/Tokyo"
