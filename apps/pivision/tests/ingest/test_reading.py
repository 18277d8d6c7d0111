"""Whatever bytes come, they are read within bounds, and refused in words or taken: nothing else ever happens."""

import base64
import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pivision.ingest.forms import picture_of, table_of
from pivision.ingest.jpeg import Size, size_of
from pivision.ingest.limits import Buckets
from pivision.ingest.meta import meta_of, moment, telemetry
from pivision.ingest.multipart import boundary_of, parts_of
from pivision.ingest.refusals import Refusal
from pivision.testing.pictures import picture

WHOLE = picture(3, 40, 30)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = (
    "device_id", "seq", "capture_ts", "width", "height", "jpeg_quality", "battery_mv", "rssi", "fw_version", "notes",
    "boot_id", "sha256", "sent_ts", "burst", "uptime_s", "temp_c", "image_b64",
)  # fmt: skip


def test_the_size_is_read_from_the_header() -> None:
    assert size_of(WHOLE) == Size(40, 30)
    assert size_of(WHOLE + bytes(500)) == Size(40, 30)  # some cameras pad
    assert size_of(WHOLE[:2] + b"\xff\xff\xff" + WHOLE[2:]) == Size(40, 30)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 20, 100, len(WHOLE) - 2])
def test_a_picture_that_was_cut_off_is_none(length: int) -> None:
    with pytest.raises(Refusal, match="not_jpeg"):
        size_of(WHOLE[:length])


def test_a_picture_with_two_sizes_is_none() -> None:
    place = WHOLE.index(b"\xff\xc0")
    header = WHOLE[place : place + 2 + int.from_bytes(WHOLE[place + 2 : place + 4])]
    with pytest.raises(Refusal, match="two sizes"):
        size_of(WHOLE[:place] + header + WHOLE[place:])


@given(st.binary(max_size=400))
@example(b"\xff\xd8\xff" * 100)
@example(b"\xff\xd8\xff\xd8")
@example(b"\xff\xd8\xff\xc0\x00\x02\xff\xda\x00\x02\xff\xd9")
def test_any_bytes_are_a_picture_or_refused(content: bytes) -> None:
    for image in (content, b"\xff\xd8\xff" + content, WHOLE[:200] + content):
        try:
            size = size_of(image)
        except Refusal as why:
            assert why.status == 422
        else:
            assert size.width > 0 and size.height > 0


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_picture_with_a_wrong_byte_is_a_picture_or_refused(place: int, value: int) -> None:
    broken = bytearray(WHOLE)
    broken[place] = value
    try:
        size_of(bytes(broken))
    except Refusal as why:
        assert why.status == 422


@given(st.dictionaries(st.text(string.ascii_lowercase, min_size=1, max_size=8), st.binary(max_size=60), max_size=8))
def test_what_was_put_into_parts_comes_out_of_them(parts: dict[str, bytes]) -> None:
    boundary = "x" * 60
    body = b"preamble\r\n"
    for name, content in parts.items():
        body += f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"; filename="a;name=b"\r\n\r\n'.encode()
        body += content + b"\r\n"
    body += f"--{boundary}--\r\nepilogue".encode()
    assert parts_of(body, boundary_of(f'multipart/form-data; boundary="{boundary}"')) == parts


@given(
    st.lists(st.sampled_from([b"--b", b"\r\n", b"--", b"\r\n\r\n", b'content-disposition: form-data; name="a"', b"x"]))
)
def test_any_parts_are_read_or_refused(pieces: list[bytes]) -> None:
    try:
        parts_of(b"".join(pieces), b"b")
    except Refusal as why:
        assert (why.status, why.code) == (400, "bad_multipart")


@given(st.text())
@example('multipart/form-data; boundary="')
@example("multipart/form-data; boundary=")
@example("multipart/form-data; boundary=" + "x" * 71)
def test_any_boundary_is_read_or_refused(header: str) -> None:
    try:
        assert 1 <= len(boundary_of(header)) <= 70
    except Refusal as why:
        assert why.code == "bad_multipart"


def test_parts_of_one_name_and_too_many_parts_are_refused() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'
    with pytest.raises(Refusal, match="same name"):
        parts_of(part % 1 + part % 1 + b"--b--", b"b")
    with pytest.raises(Refusal, match="more than 8"):
        parts_of(b"".join(part % number for number in range(9)) + b"--b--", b"b")
    with pytest.raises(Refusal, match="too much of it"):
        parts_of(b"--b\r\nX: " + b"y" * 5000 + b"\r\n" + part[5:] % 1 + b"--b--", b"b")


@given(st.fixed_dictionaries({}, optional={name: JSONS for name in NAMES}))
@example({"device_id": "a", "seq": 1, "capture_ts": "2026-11-21\ud80009:00:00", "width": 1, "height": 1})
@example({"device_id": "a", "seq": 1, "capture_ts": None, "width": 1, "height": 1, "notes": "\ud800"})
def test_any_fields_are_taken_or_refused(values: dict[str, object]) -> None:
    for complete in (True, False):
        try:
            meta = meta_of(values, complete=complete)
            json.dumps(meta.extras, ensure_ascii=False).encode()
            (meta.captured_raw or "").encode()
        except Refusal as why:
            assert why.status == 400
    try:
        json.dumps(telemetry(values), ensure_ascii=False).encode()
    except Refusal as why:
        assert why.status == 400


@given(st.binary(max_size=200) | JSONS.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_table_or_refused(body: bytes) -> None:
    try:
        assert isinstance(table_of(body), dict)
    except Refusal as why:
        assert (why.status, why.code) == (400, "bad_json")


@given(
    st.permutations(["device_id", "seq", "capture_ts", "width", "height", "image_b64", "notes"]),
    st.sampled_from(["", " ", "\n"]),
    st.sampled_from(["plain", '\\"image_b64\\":\\"AAAA', "[[[[", '\\"image_b64']),
)
def test_json_is_read_as_a_parser_would(order: list[str], blank: str, notes: str) -> None:
    texts = {
        "device_id": '"gate"', "seq": "7", "capture_ts": "null", "width": "40", "height": "30", "notes": f'"{notes}"',
        "image_b64": f'"{base64.b64encode(WHOLE).decode()}"',
    }  # fmt: skip
    body = "{" + ",".join(f'"{name}"{blank}:{blank}{texts[name]}' for name in order) + "}"
    meta, image = picture_of("application/json", {}, body.encode())
    assert (image, meta.seq, meta.extras["notes"]) == (WHOLE, 7, json.loads(texts["notes"]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"x\\"image_b64":"AAAA"', "missing_field"),
        ('"image_b64":"AAAA","image_b64":5', "missing_field"),
        ('"image_b64":5,"image_b64":""', "missing_field"),
        ('"a":{"image_b64":"AAAA"}', "missing_field"),
        ('"image_b64":"AA\\u0041A","b":1', None),
        ('"image_b64":"AAAA","image_b64":"BBBB"', None),
        ('"image_b64":"AAA"', "bad_base64"),
        ('"image_b64":"A AAA"', "bad_base64"),
        ('"image_b64":"AAAA', "bad_json"),
    ],
)
def test_json_with_tricks_is_read_as_a_parser_would(text: str, code: str | None) -> None:
    body = '{"device_id":"gate","seq":7,"capture_ts":null,"width":40,"height":30,' + text + "}"
    try:
        _, image = picture_of("application/json", {}, body.encode())
    except Refusal as why:
        assert why.code == code
    else:
        assert code is None and image == base64.b64decode(json.loads(body)["image_b64"])


@given(st.dictionaries(st.sampled_from([f"x-{name.replace('_', '-')}".encode() for name in NAMES]), st.binary()))
def test_any_headers_are_taken_or_refused(headers: dict[bytes, bytes]) -> None:
    try:
        picture_of("image/jpeg", headers, WHOLE)
    except Refusal as why:
        assert why.status == 400


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00+00:00"),
        ("2026-11-21T09:00:00+02:00", "2026-11-21T07:00:00+00:00"),
        ("2026-11-21 09:00:00", "2026-11-21T09:00:00+00:00"),
        (1_795_251_600, "2026-11-21T09:00:00+00:00"),
        (1_795_251_600_500, "2026-11-21T09:00:00.500000+00:00"),
        ("1795251600", "2026-11-21T09:00:00+00:00"),
        (12, None),  # a microcontroller that never heard the time
        ("1970-01-01T00:00:12Z", None),
        (None, None),
        ("", None),
    ],
)
def test_moments_are_read_in_every_form(said: object, meant: str | None) -> None:
    found = moment("capture_ts", said)
    assert (found.isoformat() if found else None) == meant


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.1, 10), st.floats(1, 20))
def test_a_bucket_gives_no_more_than_its_rate(pauses: list[float], per_s: float, most: float) -> None:
    bucket, at_s, taken = Buckets(per_s, most), 100.0, 0
    for pause in pauses:
        at_s += pause
        waits_s = bucket.take("a", at_s)
        taken += waits_s == 0
        if waits_s:
            assert bucket.wait_s("a", at_s + waits_s + 1e-6) == 0
    assert taken <= most + per_s * (at_s - 100.0) + 1e-6
    assert bucket.take("b", at_s) == 0
