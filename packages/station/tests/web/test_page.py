"""What the page says, in every state of the fleet."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.clock import to_text, utc_now
from station.errors import StoreError
from station.watch.storelog import StoreLog
from station.web.watcher import StoreWatch

PASSWORD = "a long password"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    client.post("/sign-in", data={"password": PASSWORD, "csrf_token": token[1]})
    return client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_fleet_in_order_is_safe_in_one_sentence(client: FlaskClient) -> None:
    text = _text(client.get("/").text)
    assert "Safe. You can fail over now." in text
    assert "You would lose at most" in text
    assert "Nothing is wrong" in text


def test_a_silent_primary_is_named_and_the_way_out_too(scene, client: FlaskClient) -> None:
    scene.write("pi-ctv", ago_s=95)
    text = _text(client.get("/live").text)
    assert "pi-ctv is silent. You can fail over now." in text
    assert "station failover makes the standby primary" in text
    assert "was running" in text


def test_an_unhealthy_app_and_a_divergence_are_open_problems(scene, client: FlaskClient) -> None:
    scene.healthy = False
    scene.divergence = [{"at": None, "database": "main", "pages": 12, "file": "/x/000002.wal"}]
    scene.write()
    text = _text(client.get("/live").text)
    assert "web on pi-ctv is not healthy" in text
    assert "pi2 kept 12 pages of main that nobody else has" in text


def test_a_fleet_that_never_ran_is_shown_too(scene, client: FlaskClient) -> None:
    for host in scene.fleet.hosts.values():
        host.paths.status_file.unlink()
    text = _text(client.get("/").text)
    assert "You cannot fail over now." in text
    assert "it has never run here" in text


def test_what_a_host_writes_cannot_become_markup(scene, client: FlaskClient) -> None:
    scene.divergence = [{"at": None, "database": "<script>alert(1)</script>", "pages": 1, "file": "`<b>x</b>`"}]
    scene.write()
    html = client.get("/live").text
    assert "<script>alert" not in html
    assert "<b>x" not in html


def test_the_lease_history_the_points_and_the_events_are_listed(client: FlaskClient) -> None:
    text = _text(client.get("/live").text)
    assert "failover: pi-ctv was silent" in text
    assert "mirrors bookedbiz" in text
    assert "4.2 MB stored in 1 chain" in text


def test_a_part_that_did_not_change_is_not_sent_again(client: FlaskClient, app: Flask) -> None:
    first = client.get("/live")
    etag = first.headers["ETag"]
    for _ in range(5):  # the ages in it change once a second
        again = client.get("/live", headers={"If-None-Match": etag})
        if again.status_code == 304:
            assert again.data == b""
            return
        etag = again.headers["ETag"]
    raise AssertionError("never 304")


def test_programs_get_the_same_verdict(client: FlaskClient) -> None:
    found = client.get("/api/readiness").json["bookedbiz"]
    assert (found["verdict"], found["target"]) == ("READY", "pi2")
    assert client.get("/api/status").json["apps"]["bookedbiz"]["readiness"]["verdict"] == "READY"


def test_nothing_on_the_page_comes_from_elsewhere(client: FlaskClient) -> None:
    html = client.get("/").text
    assert re.findall(r'(?:src|href)="(?!/|#|http://127\.0\.0\.1:8000/)([^"]*)"', html) == []
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=", html) == []


class SlowLog:
    """A store whose answer takes longer than anybody waits; when it is released it is gone."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def look(self) -> object:
        self.released.wait(60)
        raise StoreError("The store disk is gone")


def test_news_of_a_slow_store_is_there_at_once(until: Callable[..., None]) -> None:
    log = SlowLog()
    watch = StoreWatch({"bookedbiz": log})  # type: ignore[dict-item]
    watch.start()
    assert watch.news()["bookedbiz"].view is None
    assert watch.news()["bookedbiz"].error is None
    log.released.set()
    until(lambda: watch.news()["bookedbiz"].error == "The store disk is gone")
    watch.end()


def test_the_last_view_of_a_store_that_went_away_stays_with_its_age(scene, until: Callable[..., None]) -> None:
    watch = StoreWatch({"bookedbiz": StoreLog(scene.store, "bookedbiz", ("main",))}, every_s=0.05)
    watch.start()
    until(lambda: watch.news()["bookedbiz"].view is not None)
    scene.store.path.rename(Path(f"{scene.store.path}-gone"))
    until(lambda: watch.news()["bookedbiz"].error is not None)
    news = watch.news()["bookedbiz"]
    watch.end()
    assert news.view is not None
    assert news.view.lease is not None
    assert news.age_s is not None


def test_the_last_drill_says_how_long_a_restore_takes(scene, client: FlaskClient) -> None:
    assert "Last drill" not in client.get("/live").text
    at = to_text(utc_now() - timedelta(hours=3))
    scene.drills = {"main": {"at": at, "took_s": 11.7, "passed": True, "fault": None}}
    scene.write()
    assert "Last drill: 12 s, 3 h" in _text(client.get("/live").text)
    scene.drills["main"]["passed"] = False
    scene.write()
    assert "Last drill: failed , 3 h" in _text(client.get("/live").text)


def test_an_app_with_one_store_has_no_list_of_stores(client: FlaskClient) -> None:
    assert 'id="stores-bookedbiz"' not in client.get("/live").text


def test_every_store_has_its_age_and_a_word_that_needs_no_colour(two_stores, client: FlaskClient) -> None:
    text = _text(client.get("/live").text)
    assert re.search(r" disk fresh newest \d+ s ago ", text)
    assert re.search(r" usb fresh newest \d+ s ago ", text)
    assert "Nothing is wrong" in text


def test_a_store_that_fails_is_an_open_problem_and_a_failover_still_works(two_stores, client: FlaskClient) -> None:
    two_stores.stores["usb"]["error"] = "The store usb is gone: there is no folder /media/usb"
    two_stores.write()
    text = _text(client.get("/live").text)
    assert " usb failing newest " in text
    assert "the store usb is gone" in text
    assert "station db test bookedbiz --store usb" in text
    assert "You can fail over now, but something needs care." in text


def test_a_store_that_is_being_filled_says_since_when(two_stores, client: FlaskClient) -> None:
    two_stores.stores["usb"] = {"point": None, "error": None, "sending_since": to_text(utc_now())}
    two_stores.write()
    assert re.search(r" usb empty no point, sending since \d\d:\d\d:\d\d ", _text(client.get("/live").text))


def test_stores_are_shown_when_the_first_cannot_be_read_and_nothing_was(two_stores, client: FlaskClient) -> None:
    two_stores.store.path.rename(two_stores.store.path.with_name("away"))
    text = _text(client.get("/live").text)
    assert " disk failing " in text
    assert " usb fresh " in text
