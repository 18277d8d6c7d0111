"""Who may ask, how often, and what a device is told."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

from pivision.config import Cadence, Config
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.testing.live import FRAME, Live

CONFIG, HEARTBEAT, ENROLL = "/api/v1/device/config", "/api/v1/ingest/heartbeat", "/api/v1/device/enroll"
MakeLive = Callable[..., Live]


def by() -> By:
    return By("test", datetime.now(UTC))


def test_without_a_key_nothing_is_told_and_nothing_taken(live: Live, pictures: list[bytes]) -> None:
    for method, path in (("POST", FRAME), ("POST", HEARTBEAT), ("GET", f"{CONFIG}?device_id=gate")):
        answer = live.ask(method, path, b"{}" if method == "POST" else None)
        assert (answer.status, answer.code, set(answer.body)) == (401, "key_missing", {"ok", "error", "code"})
    assert live.send(pictures[0], 1, key="dev-key").code == "key_unknown"
    assert live.send(pictures[0], 1, key=live.keys["gate"][:-1] + "!").code == "key_unknown"
    assert live.send(pictures[0], 1, key="\xff" * 3000).code == "key_unknown"


def test_a_device_that_nobody_made_is_not_made_by_sending(live: Live, pictures: list[bytes]) -> None:
    live.send(pictures[0], 1, device="stranger", key=live.keys["gate"])
    assert live.rows("SELECT count(*) FROM device WHERE name = 'stranger'") == [(0,)]


def test_a_key_opens_its_own_device_only(live: Live) -> None:
    assert live.ask("GET", f"{CONFIG}?device_id=shop", headers=live.headers("gate")).code == "device_mismatch"
    answer = live.ask("POST", HEARTBEAT, {"device_id": "shop"}, live.headers("gate"))
    assert (answer.status, answer.code) == (403, "device_mismatch")


def test_a_disabled_device_and_a_revoked_key_are_refused_at_once(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running():
        assert live.send(pictures[0], 1).status == 200
        with live.db() as db:
            registry.enable(db, "gate", by(), enabled=False)
        assert (live.send(pictures[1], 2).status, live.send(pictures[1], 2).code) == (403, "device_disabled")
        with live.db() as db:
            registry.enable(db, "gate", by(), enabled=True)
            access.revoke(db, "gate", by())
        assert (live.send(pictures[1], 2).status, live.send(pictures[1], 2).code) == (401, "key_unknown")


def test_the_first_picture_with_a_new_key_ends_the_old_one(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with()
    with live.running():
        with live.db() as db:
            new = access.rotate(db, "gate", by()).reveal()
        assert live.send(pictures[0], 1).status == 200
        assert live.send(pictures[1], 2, key=new).status == 200
        assert live.send(pictures[2], 3).code == "key_unknown"


def test_a_camera_is_enrolled_once_and_its_key_works(live: Live, pictures: list[bytes]) -> None:
    with live.db() as db:
        registry.add(db, "new", "", by())
        code = access.make_code(db, "new", by()).reveal()
    answer = live.ask("POST", ENROLL, {"device_id": "new", "code": code})
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    assert live.send(pictures[0], 1, device="new", key=str(answer.body["key"])).status == 200
    again = live.ask("POST", ENROLL, {"device_id": "new", "code": code})
    assert (again.status, again.code) == (401, "bad_code")
    assert live.ask("POST", ENROLL, {"device_id": "new"}).code == "missing_field"
    assert live.ask("POST", ENROLL, b"x" * 20_000).code == "too_large"


def test_codes_that_are_sent_at_once_are_counted_each(live_with: Callable[..., Live]) -> None:
    """All heads first, while nothing was counted yet, then all bodies."""
    live = live_with(failures_per_s=0.001, failures_burst=3)
    body = b'{"device_id": "gate", "code": "wrong"}'
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (ENROLL.encode(), len(body))
    with live.running(), ExitStack() as open_:
        address = ("127.0.0.1", live.port)
        clients = [open_.enter_context(closing(socket.create_connection(address, timeout=20))) for _ in range(9)]
        for client in clients:
            client.sendall(head)
        time.sleep(0.3)  # the heads are read
        for client in clients:
            client.sendall(body)
        answers = [client.recv(4096).split(b" ")[1] for client in clients]
    assert sorted(answers) == [b"401"] * 3 + [b"429"] * 6


def test_wrong_keys_and_codes_are_limited_by_address_and_right_keys_go_on(
    live_with: MakeLive, pictures: list[bytes]
) -> None:
    live = live_with(failures_per_s=0.001, failures_burst=3)
    with live.running():
        codes = [live.ask("POST", ENROLL, {"device_id": "gate", "code": f"c{turn}"}).code for turn in range(2)]
        assert codes == ["bad_code", "bad_code"]
        assert live.send(pictures[0], 1, key="x").code == "key_unknown"
        refused = live.ask("POST", ENROLL, {"device_id": "gate", "code": "c"})
        assert (refused.status, refused.code) == (429, "too_many_failures")
        assert int(refused.headers["retry-after"]) > 100
        assert live.send(pictures[0], 1, key="x").code == "too_many_failures"
        assert live.send(pictures[0], 1).status == 200


def test_a_device_that_sends_too_fast_is_told_when_to_come_again(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with(frames_per_s=0.01, frames_burst=2, calls_per_s=0.01, calls_burst=1)
    live.device("shop")
    with live.running():
        answers = [live.send(pictures[seq], seq) for seq in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].code == "too_fast" and 1 <= int(answers[2].headers["retry-after"]) <= 101
        assert live.send(pictures[0], 1, device="shop").status == 200
        beats = [live.ask("POST", HEARTBEAT, {"device_id": "gate"}, live.headers("gate")).status for _ in range(2)]
        assert beats == [200, 429]


def test_a_body_that_does_not_arrive_in_time_is_given_up(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with(body_s=0.3)
    with live.running(), closing(socket.create_connection(("127.0.0.1", live.port), timeout=20)) as raw:
        raw.sendall(
            f"POST {FRAME} HTTP/1.1\r\nHost: x\r\nX-Device-Key: {live.keys['gate']}\r\nX-Seq: 1\r\n"
            "X-Device-Id: gate\r\nContent-Type: image/jpeg\r\nContent-Length: 1000\r\n\r\nsome of it".encode()
        )
        said = b""
        while chunk := raw.recv(65536):
            said += chunk
        assert said.startswith(b"HTTP/1.1 408 ") and b'"too_slow"' in said


def test_bodies_that_would_fill_the_memory_are_refused(live_with: MakeLive, pictures: list[bytes]) -> None:
    live = live_with(bodies_bytes=len(pictures[0]))
    with live.running():
        refused = live.send(pictures[0], 1)  # base64 is longer
        assert (refused.status, refused.code) == (503, "busy") and refused.headers["retry-after"]
        raw = {**live.headers("gate", kind="image/jpeg"), "X-Device-Id": "gate", "X-Seq": "1"}
        assert [live.ask("POST", FRAME, pictures[0], raw).status for _ in range(3)] == [200] * 3


def test_the_configuration_is_fetched_with_a_tag(live: Live) -> None:
    first = live.ask("GET", f"{CONFIG}?device_id=shop", headers=live.headers("shop"))
    assert first.status == 200
    assert (first.body["device_id"], first.body["version"], first.body["mode"]) == ("shop", 0, "baseline")
    config = first.body["config"]
    assert isinstance(config, dict)
    assert (config["capture_interval_ms"], config["resolution"], config["jpeg_quality"]) == (30_000, "640x480", 80)
    tagged = {**live.headers("shop"), "If-None-Match": first.headers["etag"]}
    same = live.ask("GET", CONFIG, headers=tagged)
    assert (same.status, same.body) == (304, {}) and same.headers["x-server-time"]
    with live.db() as db:
        device_id = registry.device(db, "shop").id
        configs.put(db, device_id, Config(cadence=Cadence(capture_interval_ms=5000)), by(), expected=0)
    changed = live.ask("GET", CONFIG, headers=tagged)
    assert (changed.status, changed.body["version"], changed.body["interval_ms"]) == (200, 1, 5000)
    with live.db() as db:
        soon = utc_text(datetime.now(UTC) + timedelta(seconds=12))
        db.execute("UPDATE device SET burst_until = ? WHERE name = 'shop'", (soon,))
    burst = live.ask("GET", CONFIG, headers={**tagged, "If-None-Match": changed.headers["etag"]})
    assert (burst.status, burst.body["mode"]) == (200, "burst")


def test_a_fetch_is_written_down(live: Live) -> None:
    live.ask("GET", CONFIG, headers=live.headers("gate"))
    live.ask("POST", HEARTBEAT, {"device_id": "gate"}, live.headers("gate"))  # after it in the writer's order
    assert live.rows("SELECT last_config_at IS NOT NULL, config_seen FROM device WHERE name = 'gate'") == [(1, 0)]


def test_a_heartbeat_tells_how_the_camera_is(live: Live) -> None:
    told = {"device_id": "shop", "rssi": -50, "battery_mv": 3900, "free_heap": 90_000, "temp_c": 41.5, "spool_depth": 3}
    answer = live.ask("POST", HEARTBEAT, told, live.headers("shop"))
    assert answer.status == 200 and answer.body["last_seen"] and answer.body["interval_ms"]
    row = live.rows("SELECT rssi, battery_mv, free_heap, temperature_c, spool_depth FROM device WHERE name = 'shop'")
    assert row == [(-50, 3900, 90_000, 41.5, 3)]
    assert live.ask("POST", HEARTBEAT, {**told, "rssi": "x"}, live.headers("shop")).code == "bad_field"


def test_metrics_are_this_machines_or_the_tokens(live: Live, pictures: list[bytes]) -> None:
    def ask(**headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{live.port}/metrics", headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    live.send(pictures[5], 5)
    status, text = ask()
    assert status == 200
    assert 'pivision_requests_total{path="/api/v1/ingest/frame",code="ok"}' in text
    assert 'pivision_queue_jobs{device="gate"} ' in text
    assert ask(**{"X-Forwarded-For": "192.0.2.7"})[0] == 403


def test_a_host_that_hands_a_first_password_over_needs_no_hand(live_with: MakeLive) -> None:
    live = live_with()
    (live.folder / "credentials" / "first_admin_password").write_text("long enough to sign in")
    live.extra = {"BIND": "0.0.0.0"}
    for _ in range(2):
        with live.running():
            assert live.rows("SELECT name, role, active FROM user") == [("admin", "admin", 1)]
