"""Every trouble with Dropbox: got over where that is possible, told apart where it is not, and no second winner."""

import threading
from pathlib import Path

import pytest
import trustme

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.errors import StoreError
from station.stores.dropbox import errors
from station.stores.dropbox.calls import Entrance
from station.stores.dropbox.store import DropboxStore
from station.stores.patience import Patience
from station.stores.store import KeyExists, read

UPLOAD = "files/upload"


@pytest.fixture
def store(dropbox_store) -> DropboxStore:
    return dropbox_store()


@pytest.mark.parametrize("answer", [500, 503])
def test_a_service_that_fails_for_a_while_is_asked_again(
    store: DropboxStore, emulator: Emulator, waits: list[float], answer: int
) -> None:
    emulator.faults.add(Fault("*", answer=answer, times=3))
    store.put("one", b"1")
    assert read(store, "one") == b"1"
    assert len(waits) == 3 and waits == sorted(waits) and 0.25 <= waits[0] <= 0.5


def test_a_service_that_asks_for_fewer_calls_is_given_the_time_it_asks_for(
    store: DropboxStore, emulator: Emulator, waits: list[float]
) -> None:
    emulator.faults.add(Fault(UPLOAD, answer=429, retry_after_s=17, times=2))
    store.put("one", b"1")
    assert len(waits) == 2 and all(17 <= wait < 19 for wait in waits)


def test_it_is_not_waited_for_ever(store: DropboxStore, emulator: Emulator, waits: list[float]) -> None:
    emulator.faults.add(Fault(UPLOAD, answer=429, retry_after_s=100, times=99))
    with pytest.raises(errors.RateLimited, match="fewer calls"):
        store.put("one", b"1")
    assert sum(waits) < 350


def test_an_expired_token_is_renewed_unseen(store: DropboxStore, emulator: Emulator, waits: list[float]) -> None:
    emulator.tokens.expire()
    store.put("one", b"1")
    assert read(store, "one") == b"1" and waits == []


def test_troubles_are_told_apart_and_say_what_to_do(store: DropboxStore, emulator: Emulator) -> None:
    def trouble(kind: type[StoreError], hint: str) -> None:
        with pytest.raises(StoreError) as refused:
            store.put("app/one", hint.encode())
        assert type(refused.value) is kind and hint in refused.value.hint
        assert refused.value.message.startswith("Could not store app/one in the store dropbox: ")
        assert refused.value.exit_code == 16

    emulator.faults.add(Fault(UPLOAD, answer=401, times=2))
    trouble(errors.TokenExpired, "clock")
    emulator.faults.add(Fault(UPLOAD, answer=500, times=6))
    trouble(errors.ServiceFailing, "status.dropbox.com")
    emulator.faults.add(Fault(UPLOAD, cut_reply_after=-1, times=6))
    trouble(errors.Unreachable, "on the Internet")
    emulator.faults.add(Fault(UPLOAD, answer=302))
    trouble(errors.NotDropbox, "captive portal")
    emulator.account.space_bytes = 10
    trouble(errors.DropboxFull, "Free space")
    emulator.account.space_bytes = 10**6
    emulator.tokens.scopes.discard("files.content.write")
    trouble(errors.ScopeMissing, "Permissions")
    emulator.tokens.revoke()
    trouble(errors.AppRevoked, "docs/dropbox.md")
    assert emulator.faults.pending == 0


def test_a_full_dropbox_keeps_what_was_there(store: DropboxStore, emulator: Emulator) -> None:
    store.put("one", b"old")
    emulator.account.space_bytes = emulator.account.tree.used_bytes
    with pytest.raises(errors.DropboxFull):
        store.put("one", b"new and longer")
    assert read(store, "one") == b"old"


@pytest.mark.parametrize(("old", "said"), [("refresh_token", "does not let the app in"), ("app_key", "knows no app")])
def test_wrong_credentials_are_told_from_a_dead_network(
    store: DropboxStore, entrance: Entrance, emulator: Emulator, old: str, said: str
) -> None:
    text = entrance.credentials.read_text()
    entrance.credentials.write_text(text.replace(getattr(emulator.tokens, old), "another"))
    other = DropboxStore("other", "/station", entrance)
    with pytest.raises(errors.AppRevoked, match=said):
        other.put("one", b"1")
    other.close()


def test_no_network_is_told(entrance: Entrance, waits: list[float]) -> None:
    nowhere = Entrance(entrance.credentials, "http://127.0.0.1:9", entrance.ca_file)
    store = DropboxStore("dropbox", "/station", nowhere, patience=Patience(sleep=waits.append))
    with pytest.raises(errors.Unreachable, match="no connection through the proxy"):
        store.put("one", b"1")
    assert len(waits) == 5
    store.close()


def test_somebody_else_in_dropboxs_place_is_not_believed(
    entrance: Entrance, waits: list[float], tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    store = DropboxStore(
        "dropbox",
        "/station",
        Entrance(entrance.credentials, entrance.proxy, tmp_path / "other.pem"),
        patience=Patience(sleep=waits.append),
    )
    with pytest.raises(errors.NotDropbox, match="no certificate of Dropbox's"):
        store.put("one", b"1")
    assert waits == []
    store.close()


@pytest.mark.parametrize("lost", [Fault(UPLOAD, cut_reply_after=-1), Fault(UPLOAD, cut_reply_after=20)])
def test_a_creation_whose_answer_got_lost_was_ours(store: DropboxStore, emulator: Emulator, lost: Fault) -> None:
    emulator.faults.add(Fault(**vars(lost)))
    store.create("app/epochs/000001.json", b"mine, with a nonce")
    assert read(store, "app/epochs/000001.json") == b"mine, with a nonce"
    assert len(emulator.ledger.lines("files/get_metadata")) >= 1 and emulator.faults.pending == 0


def test_a_creation_that_failed_and_was_overtaken_is_lost(
    store: DropboxStore, dropbox_store, emulator: Emulator
) -> None:
    dropbox_store().create("app/epochs/000001.json", b"theirs")
    emulator.faults.add(Fault(UPLOAD, answer=503))
    with pytest.raises(KeyExists):
        store.create("app/epochs/000001.json", b"mine")
    assert read(store, "app/epochs/000001.json") == b"theirs"


def test_equal_bytes_of_somebody_else_lose_when_no_answer_got_lost(store: DropboxStore, dropbox_store) -> None:
    dropbox_store().create("app/one", b"equal")
    with pytest.raises(KeyExists):
        store.create("app/one", b"equal")


@pytest.mark.parametrize("fault", [Fault(UPLOAD, cut_reply_after=-1), Fault(UPLOAD, slow_s=0.05), None])
def test_of_racing_creators_one_wins_whatever_gets_lost(dropbox_store, emulator: Emulator, fault: Fault | None) -> None:
    for turn in range(6):
        stores = [dropbox_store(), dropbox_store()]
        won: list[int] = []
        together = threading.Barrier(2)

        def race(number: int, store: DropboxStore, key: str, won: list[int], together: threading.Barrier) -> None:
            together.wait()
            try:
                store.create(key, f"racer {number}".encode())
            except KeyExists:
                return
            won.append(number)

        if fault:
            emulator.faults.add(Fault(**vars(fault)))
        key = f"app/epochs/{turn:06d}.json"
        threads = [
            threading.Thread(target=race, args=(number, store, key, won, together))
            for number, store in enumerate(stores)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1 and read(stores[0], key) == f"racer {won[0]}".encode()


def test_a_reading_that_is_cut_goes_on_where_it_was(store: DropboxStore, emulator: Emulator) -> None:
    content = bytes(range(256)) * 8192
    store.put("one", content)
    emulator.ledger.clear()
    for _ in range(5):
        emulator.faults.add(Fault("files/download", cut_reply_after=400_000))
    assert read(store, "one") == content
    assert len(emulator.ledger.lines("files/download")) == 6


def test_a_reading_that_is_cut_stays_with_the_revision_it_began(store: DropboxStore, emulator: Emulator) -> None:
    store.put("one", b"a" * 2_000_000)
    emulator.faults.add(Fault("files/download", cut_reply_after=400_000))
    with store.open("one") as stream:
        begun = stream.read(100_000)
        store.put("one", b"b" * 2_000_000)
        assert begun + stream.read() == b"a" * 2_000_000


def test_a_reading_that_is_cut_again_and_again_is_an_error(store: DropboxStore, emulator: Emulator) -> None:
    store.put("one", b"a" * 2_000_000)
    emulator.faults.add(Fault("files/download", cut_reply_after=0, times=99))
    with pytest.raises(errors.Unreachable, match="read one"):
        read(store, "one")
