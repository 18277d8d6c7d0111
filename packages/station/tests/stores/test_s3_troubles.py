"""What S3 and the network do to a store, what the host around it does, and what is said of it."""

import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from station.errors import StoreError
from station.fleet import StoreSpec
from station.stores.opening import open_store
from station.stores.patience import Patience
from station.stores.s3 import errors as s3_errors
from station.stores.s3.calls import Place
from station.stores.s3.credentials import read_credentials
from station.stores.s3.store import S3Store
from station.stores.store import NoSuchKey, read

MakeStore = Callable[..., S3Store]


@pytest.mark.parametrize(
    ("answer", "kind", "said", "hint"),
    [
        ((403, "InvalidAccessKeyId"), "KeysRefused", "does not know the key", "Compare"),
        ((403, "SignatureDoesNotMatch"), "KeysRefused", "secret does not belong", "Compare"),
        ((400, "ExpiredToken"), "KeysRefused", "expired", "lasts"),
        ((403, "RequestTimeTooSkewed"), "ClockWrong", "clock", "timedatectl"),
        ((403, "AccessDenied"), "AccessDenied", "may not", "policy"),
        ((404, "NoSuchBucket"), "NoSuchBucket", "no such bucket", "bucket"),
        ((301, "PermanentRedirect"), "NoSuchBucket", "another region", "region"),
        ((403, "QuotaExceeded"), "S3Full", "limit", "billing"),
        ((507, "XMinioStorageFull"), "S3Full", "full", "Free"),
        ((503, "SlowDown"), "RateLimited", "fewer calls", "less often"),
        ((500, "InternalError"), "ServiceFailing", "answers 500", "status page"),
        ((400, "InvalidRequest"), "Declined", "InvalidRequest", "docs/s3.md"),
    ],
)
def test_troubles_are_told_apart_each_with_what_to_do(
    s3_store: MakeStore, s3_line: Any, answer: tuple[int, str], kind: str, said: str, hint: str
) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", answer=answer, times=99))
    with pytest.raises(StoreError, match="store one in the store s3") as refused:
        store.put("one", b"1")
    assert type(refused.value).__name__ == kind
    assert said in refused.value.message and hint in refused.value.hint


def test_a_short_trouble_is_waited_out(s3_store: MakeStore, s3_line: Any, waits: list[float]) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", answer=(503, "SlowDown"), times=3))
    s3_line.faults.append(s3_line.Fault("PUT /", cut_request_after=0))
    store.put("one", b"1")
    assert read(store, "one") == b"1" and len(waits) == 4 and waits == sorted(waits)


@pytest.mark.parametrize("by_proxy", [False, True])
def test_nobody_there_is_asked_again_and_then_told(s3_place: Place, waits: list[float], *, by_proxy: bool) -> None:
    nobody = "http://127.0.0.1:9"
    place = replace(s3_place, proxy=nobody) if by_proxy else replace(s3_place, endpoint=nobody)
    store = S3Store("s3", place, patience=Patience(sleep=waits.append))
    with pytest.raises(s3_errors.Unreachable, match="through the proxy" if by_proxy else "no connection to"):
        store.put("one", b"1")
    assert len(waits) == 5
    store.close()


def test_a_certificate_that_is_not_trusted_is_told(emulator: Any, s3_place: Place) -> None:
    """The emulator of Dropbox stands in for whoever answers with a certificate of an authority we do not know."""
    waits: list[float] = []
    place = replace(s3_place, endpoint="https://content.dropboxapi.com", proxy=emulator.proxy)
    store = S3Store("s3", place, patience=Patience(sleep=waits.append))
    with pytest.raises(s3_errors.NotS3, match="does not trust"):
        store.put("one", b"1")
    assert waits == []  # it was tried once
    store.close()


def test_a_prefix_without_a_store_is_gone_and_nothing_is_written(s3_store: MakeStore, s3_place: Place) -> None:
    s3_store()
    elsewhere = S3Store("s3", replace(s3_place, prefix="mistyped"))
    for attempt in (
        lambda: elsewhere.put("two", b"2"),
        lambda: elsewhere.create("two", b"2"),
        lambda: read(elsewhere, "two"),
        lambda: list(elsewhere.list()),
        lambda: elsewhere.delete("two"),
    ):
        with pytest.raises(StoreError, match="is gone") as refused:
            attempt()
        assert not isinstance(refused.value, NoSuchKey)
    elsewhere.close()
    whole = s3_store(replace(s3_place, prefix=""))
    assert list(whole.list("mistyped")) == []


def test_a_store_that_is_emptied_by_hand_is_noticed(s3_store: MakeStore) -> None:
    store, hand = s3_store(), s3_store()
    store.put("one", b"1")
    for key in ("one", ".station-store"):
        hand._calls.run("", lambda client, key=key: client.delete_object(**hand._multipart.which(key)))
    with pytest.raises(StoreError, match="is gone"):
        list(store.list())
    with pytest.raises(StoreError, match="is gone"):
        store.put("two", b"2")


def test_setting_up_again_changes_nothing_and_a_bucket_is_made_once(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    assert [call.line.split("?")[0].count("/") for call in s3_line.calls[:3]] == [3, 1, 3]
    before = _marker(store)
    store.initialise()
    s3_store()
    assert _marker(store) == before and json.loads(before)["format"] == 1


def _marker(store: S3Store) -> bytes:
    which = store._multipart.which(".station-store")
    content: bytes = store._calls.run("look", lambda client: client.get_object(**which)["Body"].read())
    return content


def test_a_bucket_that_may_not_be_made_is_told(s3_place: Place, s3_line: Any) -> None:
    store = S3Store("s3", s3_place)
    s3_line.faults.append(s3_line.Fault("PUT /[^/]*&$", answer=(403, "AccessDenied")))
    with pytest.raises(s3_errors.NoSuchBucket, match="may make none") as refused:
        store.initialise()
    assert "console" in refused.value.hint
    store.close()


def test_nothing_of_the_environment_is_used(
    s3_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = tmp_path / "home" / ".aws"
    aws.mkdir(parents=True)
    (aws / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:9\nregion = eu-west-9\n[broken")
    (aws / "credentials").write_text("[default]\naws_access_key_id = other\naws_secret_access_key = other\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "/no/such/thing")
    store = s3_store()
    store.put("one", b"1")
    client = store._calls._open()
    assert read(store, "one") == b"1" and client.meta.region_name == "us-east-1"


def test_the_keys_are_read_as_dropboxs_are(tmp_path: Path) -> None:
    file = tmp_path / "s3.env"
    file.touch(mode=0o600)
    file.write_text("# made in the console\nexport AWS_ACCESS_KEY_ID=key\nAWS_SECRET_ACCESS_KEY='se/cret+'\n")
    found = read_credentials(file)
    assert (found.key_id, found.secret.reveal(), found.session) == ("key", "se/cret+", None)
    file.chmod(0o640)
    with pytest.raises(StoreError, match="others can read them"):
        read_credentials(file)
    folder = tmp_path / "systemd"
    folder.mkdir()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        (folder / name).write_text(f"{name[-3:]}\n")
        (folder / name).chmod(0o440)
    lent = read_credentials(folder)
    assert lent.session is not None and lent.session.reveal() == "KEN"
    (folder / "AWS_SECRET_ACCESS_KEY").unlink()
    with pytest.raises(StoreError, match="AWS_SECRET_ACCESS_KEY missing") as refused:
        read_credentials(folder)
    assert "docs/s3.md" in refused.value.hint


def test_nothing_that_is_said_or_logged_holds_a_secret(
    s3_store: MakeStore, s3_place: Place, s3_line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with s3_place.credentials.open("a") as file:
        file.write("AWS_SESSION_TOKEN=lent-for-an-hour\n")
    caplog.set_level(logging.DEBUG)
    store = s3_store()
    secrets = read_credentials(s3_place.credentials)
    assert secrets.session is not None
    said = [repr(secrets), repr(vars(store))]
    for answer in (
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (500, "InternalError"),
        (400, "<html>"),
    ):
        s3_line.faults[:] = [s3_line.Fault("PUT /", answer=answer, times=99)]
        with pytest.raises(StoreError) as refused:
            store.put("one", b"1")
        said += [*traceback.format_exception(refused.value), refused.value.hint, repr(refused.value)]
    text = "\n".join([*said, caplog.text])
    for secret in (secrets.secret.reveal(), secrets.session.reveal()):
        assert secret not in text


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://s3.eu-central-003.backblazeb2.com", "eu-central-003"),
        ("https://s3.fr-par.scw.cloud", "fr-par"),
        ("http://minio.lan:9000", "us-east-1"),
        ("", "us-east-1"),
    ],
)
def test_a_region_that_the_endpoint_names_need_not_be_told(tmp_path: Path, endpoint: str, region: str) -> None:
    assert Place("bucket", tmp_path, endpoint=endpoint).its_region == region
    assert Place("bucket", tmp_path, endpoint=endpoint, region="mine").its_region == "mine"


def test_a_store_of_the_manifest_is_opened(s3_place: Place) -> None:
    spec = StoreSpec(
        "cloud", "s3", Path("a/b"), s3_place.credentials, bucket=s3_place.bucket, endpoint=s3_place.endpoint
    )
    for path, key in ((Path("a/b"), "a/b/one"), (Path(), "one")):
        store = open_store(replace(spec, path=path))
        assert isinstance(store, S3Store)
        store.initialise()
        store.put("one", b"1")
        assert store.place.path("one") == key and read(store, "one") == b"1"
        store.close()
