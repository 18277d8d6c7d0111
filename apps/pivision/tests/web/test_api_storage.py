"""When pictures go, and a backup over HTTP: for admins, written down, and given up without a trace."""

import asyncio
import io
import socket
import time
import zipfile
from datetime import UTC, datetime

from pivision import tokens, users
from pivision.devices.audit import By
from pivision.pictures import retention
from pivision.testing.live import make_live
from pivision.users import Role
from pivision.web import leaving
from station_kit.environment import Secret

ADMIN = "/api/v1/admin"
LIMITS = {"days": 3, "most_bytes": 5_000_000_000, "least_free_bytes": 2_500_000_000, "row_days": 10}


def test_limits_are_read_and_changed_with_who_did(anna, appliance):
    assert anna.get(f"{ADMIN}/retention").json["limits"]["days"] == 7
    assert anna.put(f"{ADMIN}/retention", json=LIMITS).json["limits"] == LIMITS
    assert retention.rule(appliance.db).days == 3
    assert appliance.rows("SELECT actor, action FROM audit ORDER BY id DESC LIMIT 1") == [
        {"actor": "anna", "action": "retention changed"}
    ]
    for wrong in ({"days": 0}, {"days": "3"}, {"least_free_bytes": 1}, {"most_bytes": -1}, {"wekks": 1}):
        answer = anna.put(f"{ADMIN}/retention", json=LIMITS | wrong)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_field"), wrong
    assert anna.put(f"{ADMIN}/retention", json={"days": 3}).json["code"] == "missing_field"


def test_a_backup_is_downloaded_by_an_admin_and_written_down(anna, as_person, appliance, happen):
    happen()
    answer = anna.get(f"{ADMIN}/backup?pictures=1")
    assert answer.mimetype == "application/zip" and answer.headers["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None and len(packed.namelist()) == 5
    assert appliance.rows("SELECT actor, action, key FROM audit ORDER BY id DESC LIMIT 1") == [
        {"actor": "anna", "action": "backup taken", "key": "with pictures"}
    ]
    assert as_person("guest").get(f"{ADMIN}/backup").status_code == 403


def test_one_at_a_time(anna):
    first = anna.get(f"{ADMIN}/backup", buffered=False)
    second = anna.get(f"{ADMIN}/backup")
    assert (second.status_code, second.json["code"]) == (409, "backup_busy")
    first.close()
    assert anna.get(f"{ADMIN}/backup").status_code == 200


def test_the_page_offers_it_to_admins_alone(anna, as_person):
    assert "/api/v1/admin/backup" in anna.get("/storage").text
    assert "/api/v1/admin/backup" not in as_person("guest").get("/storage").text


def test_the_application_is_told_when_nobody_waits_any_more():
    async def app(scope, receive, send):
        assert (await receive())["more_body"] is False
        gone = scope[leaving.NAME]
        while not gone.is_set():
            await asyncio.sleep(0)
        await send("the end was seen")

    async def ask():
        said, news = [], iter([{"type": "http.request"}, {"type": "http.disconnect"}])

        async def receive():
            return next(news)

        async def send(message):
            said.append(message)

        await leaving.Leaving(app, {"/long"})({"type": "http", "path": "/long"}, receive, send)
        return said

    assert asyncio.run(asyncio.wait_for(ask(), 10)) == ["the end was seen"]


def test_a_download_that_is_given_up_makes_room_for_the_next(tmp_path):
    live = make_live(tmp_path)
    by = By("test", datetime.now(UTC))
    with live.db() as db:
        users.add(db, "anna", Role.ADMIN, Secret("a long enough password"), by)
        token = tokens.add(db, "anna", "nightly", Role.ADMIN, by).reveal()
        noise = "hex(randomblob(30000))"  # which no zip makes small: more than the sockets hold
        for _ in range(400):
            db.execute(f"INSERT INTO audit (at, actor, action, key, new) VALUES ('', '', '', '', {noise})")
    headers = {"Authorization": f"Bearer {token}"}
    with live.running():
        with socket.create_connection(("127.0.0.1", live.port), timeout=20) as connection:
            asked = f"GET /api/v1/admin/backup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
            connection.sendall(asked.encode())
            assert connection.recv(12) == b"HTTP/1.1 200"
            assert live.ask("GET", "/api/v1/admin/backup", None, headers).status == 409
        ends = time.monotonic() + 30
        while (status := live.ask("GET", "/api/v1/admin/backup", None, headers).status) == 409:
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert status == 200
    assert list((live.folder / "run").glob("backup.db*")) == []
