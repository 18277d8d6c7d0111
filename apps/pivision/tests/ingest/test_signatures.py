"""A signed request is taken once, now, from the camera that has to sign, as it was signed; all else is told apart."""

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from pivision import signing
from pivision.camera.item import Item
from pivision.camera.server import NotLetIn, Server
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.ingest.refusals import Refusal
from pivision.ingest.signatures import WINDOW, Signatures
from pivision.moments import utc_text
from pivision.signing import Stamp
from pivision.testing.live import FRAME, Live
from station_kit.environment import Secret

HEARTBEAT, CONFIG = "/api/v1/ingest/heartbeat", "/api/v1/device/config"
Sign = Callable[..., dict[str, str]]


@pytest.fixture
def sign(live: Live) -> Sign:
    """The headers of a signed request of `gate`; both cameras have to sign."""
    by = By("test", datetime.now(UTC))
    with live.db() as db:
        for name in ("gate", "shop"):
            registry.require_signatures(db, name, by, wanted=True)
    number = iter(range(10**9))

    def make(
        method: str, path: str, body: bytes, said: dict[str, str] | None = None, *, at: str = "", device: str = "gate"
    ) -> dict[str, str]:
        stamp = Stamp(at or utc_text(datetime.now(UTC)), f"nonce-{time.monotonic_ns()}-{next(number)}")
        return signing.signed_headers(live.keys[device], stamp, method, path, body, said or {})

    return make


def beat(device: str = "gate") -> bytes:
    return json.dumps({"device_id": device}).encode()


def test_a_picture_a_heartbeat_and_a_question_are_taken_without_the_key(
    live: Live, sign: Sign, pictures: list[bytes]
) -> None:
    said = {"Content-Type": "image/jpeg", "X-Device-Id": "gate", "X-Boot-Id": "signed", "X-Seq": "1"}
    assert live.ask("POST", FRAME, pictures[0], sign("POST", FRAME, pictures[0], said)).status == 200
    assert live.ask("POST", HEARTBEAT, beat(), sign("POST", HEARTBEAT, beat())).status == 200
    asked = f"{CONFIG}?device_id=gate"
    assert live.ask("GET", asked, headers=sign("GET", asked, b"")).status == 200
    assert live.stored("signed") == {("gate", 1): pictures[0]}


def test_what_came_before_is_refused(live: Live, sign: Sign) -> None:
    headers = sign("POST", HEARTBEAT, beat())
    assert live.ask("POST", HEARTBEAT, beat(), headers).status == 200
    again = live.ask("POST", HEARTBEAT, beat(), headers)
    assert (again.status, again.code) == (401, "signature_replayed")


def test_a_changed_body_header_path_or_method_is_refused(live: Live, sign: Sign, pictures: list[bytes]) -> None:
    said = {"Content-Type": "image/jpeg", "X-Device-Id": "gate", "X-Boot-Id": "changed", "X-Seq": "1"}
    other = live.ask("POST", FRAME, pictures[1], sign("POST", FRAME, pictures[0], said))
    assert (other.status, other.code) == (401, "body_altered")
    for change in ({"X-Seq": "2"}, {"X-Burst": "1"}, {"X-Body-Sha256": hashlib.sha256(b"").hexdigest()}):
        answer = live.ask("POST", FRAME, pictures[0], sign("POST", FRAME, pictures[0], said) | change)
        assert (answer.status, answer.code) == (401, "signature_wrong"), change
    asked = f"{CONFIG}?device_id=gate"
    assert live.ask("GET", asked, headers=sign("GET", CONFIG, b"")).code == "signature_wrong"
    assert live.ask("GET", asked, headers=sign("POST", asked, b"")).code == "signature_wrong"
    assert live.stored("changed") == {}


def test_another_devices_signature_opens_nothing(live: Live, sign: Sign) -> None:
    answer = live.ask("POST", HEARTBEAT, beat("gate"), sign("POST", HEARTBEAT, beat("gate"), device="shop"))
    assert (answer.status, answer.code) == (403, "device_mismatch")
    lookup = live.keys["gate"].split("_")[1]
    forged = sign("POST", HEARTBEAT, beat("gate"), device="shop") | {"X-Key-Id": lookup}
    assert live.ask("POST", HEARTBEAT, beat("gate"), forged).code == "signature_wrong"
    forged["X-Key-Id"] = "0123456789abcdef"
    assert live.ask("POST", HEARTBEAT, beat("gate"), forged).code == "signature_wrong"


@pytest.mark.parametrize("at_s", [-360.0, 360.0])
def test_what_was_signed_at_another_time_is_refused_with_ours_and_a_proof(live: Live, sign: Sign, at_s: float) -> None:
    at = utc_text(datetime.now(UTC) + timedelta(seconds=at_s))
    refuses_with_our_time(live, sign("POST", HEARTBEAT, beat(), at=at))


@pytest.mark.parametrize("at", ["0", "yesterday", "1970-01-01T00:00:05Z"])
def test_a_camera_without_a_clock_learns_the_time(live: Live, sign: Sign, at: str) -> None:
    refuses_with_our_time(live, sign("POST", HEARTBEAT, beat(), at=at))


def refuses_with_our_time(live: Live, headers: dict[str, str]) -> None:
    answer = live.ask("POST", HEARTBEAT, beat(), headers)
    assert (answer.status, answer.code) == (401, "signature_old")
    told = str(answer.body["server_time"])
    assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(minutes=1)
    proof = signing.time_proof(signing.signing_key(live.keys["gate"]), told, headers["X-Nonce"])
    assert answer.body["proof"] == proof


def test_half_a_signature_is_told_to_be_incomplete(live: Live, sign: Sign) -> None:
    for name, value in (("X-Nonce", "short"), ("X-Nonce", "!" * 12), ("X-Body-Sha256", "12"), ("X-Body-Sha256", "")):
        answer = live.ask("POST", HEARTBEAT, beat(), sign("POST", HEARTBEAT, beat()) | {name: value})
        assert (answer.status, answer.code) == (401, "signature_incomplete")
    assert live.ask("POST", HEARTBEAT, beat(), {"X-Signature": "0" * 64}).code == "signature_incomplete"


def test_the_key_itself_is_refused_where_signatures_are_required(live: Live, sign: Sign) -> None:
    answer = live.ask("POST", HEARTBEAT, beat(), live.headers("gate"))
    assert (answer.status, answer.code) == (401, "signature_required")
    both = sign("POST", HEARTBEAT, beat()) | {"X-Signature": "0" * 64, "X-Device-Key": live.keys["gate"]}
    assert live.ask("POST", HEARTBEAT, beat(), both).code == "signature_wrong"


def test_of_a_camera_that_does_not_sign_what_is_stored_opens_nothing(live: Live, sign: Sign) -> None:
    with live.db() as db:
        registry.require_signatures(db, "gate", By("test", datetime.now(UTC)), wanted=False)
    answer = live.ask("POST", HEARTBEAT, beat(), sign("POST", HEARTBEAT, beat()))
    assert (answer.status, answer.code) == (401, "signing_off")


def test_a_revoked_key_signs_nothing(live: Live, sign: Sign) -> None:
    key = live.device("third")
    with live.db() as db:
        registry.require_signatures(db, "third", By("test", datetime.now(UTC)), wanted=True)
        access.revoke(db, "third", By("test", datetime.now(UTC)))
    assert key
    answer = live.ask("POST", HEARTBEAT, beat("third"), sign("POST", HEARTBEAT, beat("third"), device="third"))
    assert answer.code == "signature_wrong"


class Remembering:
    """`Signatures` on a clock of the test's, with the request of one device."""

    def __init__(self, live: Live, now: datetime) -> None:
        self.live, self.now, self.signatures = live, now, Signatures(now)

    def take(self, at: datetime, nonce: str) -> str:
        """ "" when it was taken, else why not."""
        stamp = Stamp(utc_text(at), nonce)
        headers = signing.signed_headers(self.live.keys["gate"], stamp, "POST", HEARTBEAT, b"", {})
        sent = {name.lower().encode(): value.encode() for name, value in headers.items()}
        with self.live.db() as db:
            try:
                self.signatures.caller(db, "POST", HEARTBEAT.encode(), sent, self.now)
            except Refusal as why:
                return why.code
        return ""


@pytest.fixture
def remembering(live: Live, sign: Sign) -> Remembering:
    assert sign
    return Remembering(live, datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


def test_nothing_is_taken_twice_however_the_clock_goes(remembering: Remembering) -> None:
    noon = remembering.now
    signed = noon + timedelta(seconds=10)
    remembering.now = signed
    assert remembering.take(signed, "first-time") == ""
    for step in (WINDOW, WINDOW * 2, timedelta(days=1), timedelta(0), -WINDOW, timedelta(seconds=1)):
        remembering.now = signed + step
        assert remembering.take(signed, "first-time") in ("signature_replayed", "signature_old"), step
    remembering.now = signed + timedelta(seconds=20)  # and the clock that was set back holds nobody up
    assert remembering.take(signed + timedelta(seconds=19), "second-time") == ""


def test_a_server_that_begins_takes_nothing_that_was_signed_before(remembering: Remembering) -> None:
    began = remembering.now
    assert remembering.take(began - timedelta(seconds=1), "before-it") == "signature_old"
    assert remembering.take(began + timedelta(seconds=1), "after-it-began") == ""


def test_what_is_remembered_is_bounded(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pivision.ingest.signatures.MOST_KEPT", 10)
    for number in range(1, 30):
        remembering.now += timedelta(seconds=1)
        assert remembering.take(remembering.now, f"number-{number:04d}") == ""
    assert len(remembering.signatures._taken) <= 11
    assert remembering.take(remembering.now - timedelta(seconds=25), "number-0004") == "signature_old"


def test_one_camera_pushes_nothing_out_that_the_others_sent(
    remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may sign for five minutes from now: as many as are kept would have ended the others' requests until then."""
    monkeypatch.setattr("pivision.ingest.signatures.MOST_KEPT", 20)
    monkeypatch.setattr("pivision.ingest.signatures.MOST_OF_ONE", 10)
    ahead = remembering.now + timedelta(seconds=290)
    found = [remembering.take(ahead, f"number-{number:04d}") for number in range(30)]
    assert found == [""] * 10 + ["too_fast"] * 20
    assert remembering.signatures._floor < remembering.now.timestamp() + 1
    remembering.now = ahead + WINDOW + timedelta(seconds=1)
    assert remembering.take(remembering.now, "much-later") == ""


def item(number: int, jpeg: bytes) -> Item:
    return Item(number, time.time(), 64, 48, burst=False, jpeg=jpeg)


def test_the_client_signs_and_sets_its_clock_by_a_proven_time(live: Live, sign: Sign, pictures: list[bytes]) -> None:
    assert sign
    server = Server(f"http://127.0.0.1:{live.port}", "gate", Secret(live.keys["gate"]), signs=True)
    with closing(server):
        server._ahead_s = -86_400.0  # as a camera whose clock was never set
        assert server.send(item(1, pictures[3]), "client", time.time()).status == 200
        assert abs(server._ahead_s) < 60
        found = server.configuration()
        assert server.configuration(found.tag).status == 304
        assert server.heartbeat({"rssi": -60}).status == 200
    assert live.stored("client") == {("gate", 1): pictures[3]}


def test_the_client_never_sends_the_key_and_believes_no_time_without_a_proof(live: Live) -> None:
    heard: list[bytes] = []
    lie = json.dumps({"ok": False, "code": "signature_old", "error": "", "server_time": "2030-01-01T00:00:00.000Z",
                      "proof": base64.b16encode(bytes(32)).decode().lower()}).encode()  # fmt: skip

    def answer(listening: socket.socket) -> None:
        with listening.accept()[0] as client:
            heard.append(client.recv(65536))
            client.sendall(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(lie), lie))

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with closing(Server(address, "gate", Secret(live.keys["gate"]), signs=True)) as server:
            with pytest.raises(NotLetIn):
                server.heartbeat({})
            assert server._ahead_s == 0.0
        thread.join()
    assert live.keys["gate"].encode() not in heard[0] and b"X-Signature" in heard[0]


def test_guessing_is_slowed_down_and_a_wrong_clock_is_not(live_with: Callable[..., Live]) -> None:
    live = live_with(failures_burst=2, failures_per_s=0.001)
    with live.db() as db:
        registry.require_signatures(db, "gate", By("test", datetime.now(UTC)), wanted=True)

    def answer(at: str, **more: str) -> object:
        stamp = Stamp(at, f"nonce-{time.monotonic_ns()}")
        signed = signing.signed_headers(live.keys["gate"], stamp, "POST", HEARTBEAT, beat(), {})
        return live.ask("POST", HEARTBEAT, beat(), signed | more).code

    with live.running():
        assert {answer("0") for _ in range(4)} == {"signature_old"}
        wrong = {"X-Signature": "0" * 64}
        assert [answer("0", **wrong) for _ in range(3)] == ["signature_wrong"] * 2 + ["too_many_failures"]
        assert answer(utc_text(datetime.now(UTC))) is None
