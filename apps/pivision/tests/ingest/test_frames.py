"""Frames over HTTP: every form, every refusal, and each picture once."""

import base64
import hashlib
import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from pivision.moments import utc_text
from pivision.testing.live import FRAME, Live
from pivision.testing.pictures import picture

NEXT = count(1)


@pytest.fixture
def seq() -> Iterator[int]:
    """A number that no other test has."""
    yield next(NEXT) * 1000


def multipart(parts: list[tuple[str, bytes]], boundary: str = "xyz") -> bytes:
    body = b""
    for name, content in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def test_json_with_base64_is_stored(live: Live, pictures: list[bytes], seq: int) -> None:
    answer = live.send(pictures[0], seq, capture_ts="2026-11-21T09:00:00+01:00", rssi=-61, jpeg_quality=80)
    assert answer.status == 200
    assert answer.body["ok"] is True and answer.body["duplicate"] is False
    assert live.stored()["gate", seq] == pictures[0]
    row = live.rows(
        "SELECT captured_at, captured_raw, width, height, bytes, meta, status FROM capture WHERE id = ?",
        answer.body["frame_id"],
    )
    assert row == [
        ("2026-11-21T08:00:00.000Z", "2026-11-21T09:00:00+01:00", 64, 48, len(pictures[0]),
         '{"jpeg_quality":80,"rssi":-61}', "queued"),
    ]  # fmt: skip
    assert live.rows("SELECT count(*) FROM job WHERE capture_id = ?", answer.body["frame_id"]) == [(1,)]


def test_multipart_is_stored(live: Live, pictures: list[bytes], seq: int) -> None:
    meta = {"device_id": "gate", "seq": seq, "capture_ts": 1_795_248_000, "width": 64, "height": 48}
    body = multipart([("meta", json.dumps(meta).encode()), ("image", pictures[1]), ("other", b"xyz--")])
    answer = live.ask("POST", FRAME, body, live.headers("gate", kind='multipart/form-data; boundary="xyz"'))
    assert answer.status == 200
    assert live.stored()["gate", seq] == pictures[1]


def test_a_raw_picture_with_headers_is_stored(live: Live, pictures: list[bytes], seq: int) -> None:
    headers = {
        **live.headers("gate", kind="image/jpeg"), "X-Device-Id": "gate", "X-Seq": str(seq), "X-Boot-Id": "b7",
        "X-Capture-Ts": "1795248000123", "X-Battery-Mv": "3700", "X-Fw-Version": "1.2", "X-Burst": "1",
        "X-Sha256": hashlib.sha256(pictures[2]).hexdigest(),
    }  # fmt: skip
    answer = live.ask("POST", FRAME, pictures[2], headers)
    assert answer.status == 200
    row = live.rows("SELECT boot_id, captured_at, meta FROM capture WHERE id = ?", answer.body["frame_id"])
    assert row == [("b7", "2026-11-21T08:00:00.123Z", '{"battery_mv":3700,"fw_version":"1.2","burst":1}')]


def test_the_answer_carries_the_command(live: Live, pictures: list[bytes], seq: int) -> None:
    answer = live.send(pictures[0], seq)
    assert (answer.body["config_version"], answer.body["interval_ms"], answer.body["burst_until"]) == (0, 30_000, None)
    with live.db() as db:
        soon = utc_text(datetime.now(UTC) + timedelta(seconds=12))
        db.execute("UPDATE device SET burst_until = ? WHERE name = 'gate'", (soon,))
    answer = live.send(pictures[1], seq + 1)
    assert (answer.body["interval_ms"], answer.body["burst_until"]) == (500, soon)
    command = answer.body["command"]
    assert isinstance(command, dict) and command["mode"] == "burst"
    with live.db() as db:
        db.execute("UPDATE device SET burst_until = NULL")
    meta = live.rows("SELECT meta FROM capture WHERE id = ?", answer.body["frame_id"])
    assert meta == [('{"burst":1}',)]


def test_a_burst_that_a_clock_ordered_which_was_set_back_since_is_over(
    live: Live, pictures: list[bytes], seq: int
) -> None:
    with live.db() as db:
        db.execute("UPDATE device SET burst_until = '2100-01-01T00:00:00.000Z' WHERE name = 'gate'")
    answer = live.send(pictures[0], seq)
    with live.db() as db:
        db.execute("UPDATE device SET burst_until = NULL")
    assert (answer.body["interval_ms"], answer.body["burst_until"]) == (30_000, None)


def test_the_same_again_is_no_second_picture(live: Live, pictures: list[bytes], seq: int) -> None:
    first, again = live.send(pictures[0], seq), live.send(pictures[0], seq)
    assert (again.status, again.body["duplicate"]) == (200, True)
    assert (again.body["frame_id"], again.body["received_ts"]) == (first.body["frame_id"], first.body["received_ts"])


def test_another_picture_under_the_same_number_is_refused(live: Live, pictures: list[bytes], seq: int) -> None:
    live.send(pictures[0], seq)
    answer = live.send(pictures[1], seq)
    assert (answer.status, answer.code) == (409, "duplicate_seq")
    assert live.stored()["gate", seq] == pictures[0]


def test_a_number_is_taken_in_one_run_of_the_camera_only(live: Live, pictures: list[bytes], seq: int) -> None:
    assert live.send(pictures[0], seq, boot_id="a").status == 200
    assert live.send(pictures[1], seq, boot_id="b").status == 200
    assert live.send(pictures[1], seq, boot_id="a").code == "duplicate_seq"
    assert live.send(pictures[1], seq, boot_id="b").body["duplicate"] is True


def test_eight_at_once_with_the_same_picture_make_one(live: Live, pictures: list[bytes], seq: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: live.send(pictures[3], seq), range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["frame_id"] for answer in answers}) == 1
    assert sorted(bool(answer.body["duplicate"]) for answer in answers) == [False] + [True] * 7


REFUSED: list[tuple[dict[str, object], int, str]] = [
    ({"device_id": "shop"}, 403, "device_mismatch"),
    ({"device_id": "../../../evil"}, 400, "bad_field"),
    ({"device_id": 7}, 400, "bad_field"),
    ({"seq": -1}, 400, "bad_field"),
    ({"seq": 2**63}, 400, "bad_field"),
    ({"seq": "7"}, 400, "bad_field"),
    ({"seq": 1.5}, 400, "bad_field"),
    ({"seq": True}, 400, "bad_field"),
    ({"width": -64}, 400, "bad_field"),
    ({"width": 0}, 400, "bad_field"),
    ({"height": 8193}, 400, "bad_field"),
    ({"jpeg_quality": 9999}, 400, "bad_field"),
    ({"capture_ts": "yesterday"}, 400, "bad_field"),
    ({"capture_ts": {}}, 400, "bad_field"),
    ({"notes": "two\nlines"}, 400, "bad_field"),
    ({"boot_id": "~000001"}, 400, "bad_field"),
    ({"sha256": "00"}, 400, "bad_field"),
    ({"sha256": "0" * 64}, 422, "sha256_mismatch"),
    ({"width": 65}, 422, "size_mismatch"),
    ({"image_b64": "@@@"}, 400, "bad_base64"),
    ({"image_b64": 5}, 400, "missing_field"),
    ({"image_b64": "bm8gcGljdHVyZQ=="}, 422, "not_jpeg"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "status", "code"), REFUSED)
def test_what_makes_no_sense_is_refused(
    live: Live, pictures: list[bytes], seq: int, wrong: dict[str, object], status: int, code: str
) -> None:
    answer = live.ask("POST", FRAME, {**json.loads(json_of(pictures[0], seq)), **wrong}, live.headers("gate"))
    assert (answer.status, answer.code, answer.body["ok"]) == (status, code, False)
    assert ("gate", seq) not in live.stored()


def json_of(image: bytes, seq: int) -> str:
    values = {"device_id": "gate", "seq": seq, "capture_ts": None, "width": 64, "height": 48}
    return json.dumps({**values, "image_b64": base64.b64encode(image).decode()})


@pytest.mark.parametrize("name", ["device_id", "seq", "capture_ts", "width", "height", "image_b64"])
def test_a_field_that_is_missing_is_named(live: Live, pictures: list[bytes], seq: int, name: str) -> None:
    values = json.loads(json_of(pictures[0], seq))
    del values[name]
    answer = live.ask("POST", FRAME, values, live.headers("gate"))
    assert (answer.status, answer.code) == (400, "missing_field")
    assert name in str(answer.body["error"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"a":' * 5000, b"[" * 100_000, b"1" * 5000])
def test_what_is_no_json_is_refused(live: Live, body: bytes) -> None:
    assert live.ask("POST", FRAME, body, live.headers("gate")).code == "bad_json"


def test_a_body_of_another_kind_is_refused(live: Live, pictures: list[bytes]) -> None:
    answer = live.ask("POST", FRAME, pictures[0], live.headers("gate", kind="image/png"))
    assert (answer.status, answer.code) == (415, "wrong_type")


def test_a_body_that_is_too_long_is_not_read(live: Live) -> None:
    answer = live.ask("POST", FRAME, bytes(4 * 2**20 + 1), live.headers("gate", kind="image/jpeg"))
    assert (answer.status, answer.code) == (413, "too_large")
    with closing(socket.create_connection(("127.0.0.1", live.port), timeout=20)) as raw:
        raw.sendall(
            f"POST {FRAME} HTTP/1.1\r\nHost: x\r\nX-Device-Key: {live.keys['gate']}\r\n"
            "Content-Type: image/jpeg\r\nContent-Length: 99999999999\r\n\r\n".encode()
        )
        said = b""
        while chunk := raw.recv(65536):  # answered and ended, though none of the body was sent
            said += chunk
    assert said.startswith(b"HTTP/1.1 413 ")


def test_a_picture_in_a_body_of_the_right_size_may_still_be_too_long(
    live: Live, pictures: list[bytes], seq: int
) -> None:
    meta = json.dumps({"device_id": "gate", "seq": seq, "capture_ts": None, "width": 64, "height": 48}).encode()
    body = multipart([("meta", meta), ("image", pictures[0] + bytes(4 * 2**20))])
    answer = live.ask("POST", FRAME, body, live.headers("gate", kind="multipart/form-data; boundary=xyz"))
    assert (answer.status, answer.code) == (413, "too_large")


def test_a_body_without_length_is_refused(live: Live, pictures: list[bytes]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", live.port, timeout=20)) as connection:
        connection.request("POST", FRAME, iter([pictures[0]]), live.headers("gate", kind="image/jpeg"))
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (411, "length_required")


def test_a_picture_of_too_many_pixels_is_not_taken(live: Live, seq: int) -> None:
    bomb = bytearray(picture(1))
    place = bomb.index(b"\xff\xc0")
    bomb[place + 5 : place + 9] = (8000).to_bytes(2) + (8000).to_bytes(2)
    answer = live.send(bytes(bomb), seq, width=8000, height=8000)
    assert (answer.status, answer.code) == (422, "too_many_pixels")


def test_a_client_that_goes_away_leaves_nothing_half(live: Live, pictures: list[bytes], seq: int) -> None:
    head = (
        f"POST {FRAME} HTTP/1.1\r\nHost: x\r\nX-Device-Key: {live.keys['gate']}\r\nX-Seq: {seq}\r\n"
        f"X-Device-Id: gate\r\nContent-Type: image/jpeg\r\nContent-Length: {len(pictures[0])}\r\n\r\n"
    )
    with closing(socket.create_connection(("127.0.0.1", live.port))) as raw:
        raw.sendall(head.encode() + pictures[0][:-10])
    assert live.send(pictures[1], seq).status == 200
    assert live.stored()["gate", seq] == pictures[1]


def test_another_method_or_path_is_answered(live: Live) -> None:
    assert live.ask("GET", FRAME).code == "wrong_method"
    assert live.ask("POST", "/api/v1/ingest/other", b"x").code == "no_such_path"
    assert live.ask("GET", "/static/../../../etc/hostname").status == 404
    assert live.ask("GET", "/static/pivision.db").status == 404
