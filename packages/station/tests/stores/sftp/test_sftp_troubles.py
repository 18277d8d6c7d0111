"""What goes wrong on the way to another machine, or on its disk: nothing is lost, named twice, or sent twice."""

import contextlib
import hashlib
import multiprocessing
import os
import random
import subprocess
import threading
from datetime import timedelta

import pytest

from station.errors import StoreError
from station.stores.extras import CannotCopy, about, copied
from station.stores.meter import Meter
from station.stores.sftp.session import Session
from station.stores.store import KeyExists, NoSuchKey, read

FORK = multiprocessing.get_context("fork")
MIB = 1024 * 1024


@pytest.fixture
def large(tmp_path):
    """A file that is sent in pieces; its bytes cannot be guessed."""
    file = tmp_path / "large"
    file.write_bytes(random.Random(1).randbytes(10 * MIB))
    return file


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 2 MiB over there."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False).returncode:
        pytest.skip("this user cannot mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_an_upload_that_is_cut_at_every_tenth_is_gone_on_with(sftp_store, wire, tmp_path):
    file, size = tmp_path / "larger", 24 * MIB  # too large to be read back
    file.write_bytes(random.Random(2).randbytes(size))
    store = sftp_store(port=wire.port)
    wire.sent_bytes, wire.connections, wire.cut_every_bytes = 0, 0, size // 10
    store.create("large", file)
    wire.cut_every_bytes = None
    assert wire.connections >= 9
    assert (
        wire.sent_bytes < 2 * size
    )  # a cut costs what is under way, 1 MiB and a little; starting over would be 5 times
    assert read(store, "large") == file.read_bytes()


def test_an_upload_whose_writer_was_killed_is_gone_on_with_by_the_next_run(sftp_store, wire, large):
    killed = Meter()
    sent = []

    def kill(amount):
        sent.append(amount)
        if sum(sent) >= 6 * MIB:
            raise KeyboardInterrupt

    killed.on_sent = kill
    store = sftp_store(port=wire.port, large_bytes=MIB, meter=killed)
    with pytest.raises(KeyboardInterrupt):
        store.put("large", large)
    store.close()
    wire.sent_bytes = 0
    again = sftp_store(port=wire.port, large_bytes=MIB)
    again.put("large", large)
    assert read(again, "large") == large.read_bytes()
    assert wire.sent_bytes < 8 * MIB


def test_what_a_partial_file_holds_is_not_believed_when_its_end_is_another(sftp_store, large, tmp_path):
    store = sftp_store(large_bytes=MIB)
    name = f"{hashlib.sha256(large.read_bytes()).hexdigest()[:40]}-{large.stat().st_size}.part"
    partial = tmp_path / "far" / ".incoming" / name
    partial.write_bytes(b"x" * 3 * MIB)
    kept = tmp_path / "kept"
    os.link(partial, kept)
    store.put("large", large)
    assert read(store, "large") == large.read_bytes()
    assert kept.read_bytes() == b"x" * 3 * MIB  # it might have been an object: it was replaced, not written into
    assert list((tmp_path / "far" / ".incoming").iterdir()) == []


def test_a_creation_whose_answer_was_lost_is_recognised_as_ours(sftp_store, wire, monkeypatch):
    store = sftp_store(port=wire.port)
    link = Session.link

    store.put("epochs/000000.json", b"the folder is there")

    def link_unheard(self, path, name):
        monkeypatch.undo()
        wire.lose_answers()
        threading.Timer(0.3, wire.cut).start()
        link(self, path, name)

    monkeypatch.setattr(Session, "link", link_unheard)
    store.create("epochs/000001.json", b"mine")
    assert read(store, "epochs/000001.json") == b"mine"
    with pytest.raises(KeyExists):
        store.create("epochs/000001.json", b"mine")


def test_a_creation_whose_question_was_lost_does_not_claim_the_work_of_another(sftp_store, wire, monkeypatch):
    """The connection is cut, and before it is there again another has created the key, with the same bytes."""
    store, other = sftp_store(port=wire.port), sftp_store()

    def link_never(self, path, name):
        monkeypatch.undo()
        other.create("epochs/000001.json", b"the same")
        wire.cut()
        raise EOFError

    monkeypatch.setattr(Session, "link", link_never)
    with pytest.raises(KeyExists):
        store.create("epochs/000001.json", b"the same")


def test_a_replacement_whose_answer_was_lost_is_found_done(sftp_store, wire, monkeypatch):
    store = sftp_store(port=wire.port)
    store.put("one", b"first")
    rename = Session.rename_over

    def rename_unheard(self, path, name):
        monkeypatch.undo()
        rename(self, path, name)
        wire.cut()
        raise EOFError

    monkeypatch.setattr(Session, "rename_over", rename_unheard)
    store.put("one", b"second")
    assert read(store, "one") == b"second"


def test_without_hard_links_among_what_the_server_offers_its_rename_refuses_a_taken_name_in_a_race(
    sftp_store, monkeypatch
):
    """OpenSSH's plain rename links and unlinks: of racing processes one wins each key."""
    store = sftp_store()
    monkeypatch.setattr("station.stores.sftp.naming.HARD_LINK", "nothing")
    racers, rounds = 4, 25
    together, wins = FORK.Barrier(racers), FORK.Queue()

    def race(number):
        for turn in range(rounds):
            together.wait(timeout=20)
            with contextlib.suppress(KeyExists):
                store.create(f"turns/{turn:03d}", f"racer {number}".encode())
                wins.put((turn, number))

    processes = [FORK.Process(target=race, args=(number,)) for number in range(racers)]
    for process in processes:
        process.start()
    winners = dict(wins.get(timeout=30) for _ in range(rounds))
    for process in processes:
        process.join(30)
    assert wins.empty() and len(winners) == rounds
    assert all(read(store, f"turns/{turn:03d}") == f"racer {number}".encode() for turn, number in winners.items())


def test_a_download_that_is_cut_goes_on_where_it_was(sftp_store, wire, large):
    store = sftp_store(port=wire.port)
    store.put("large", large)
    found = b""
    with store.open("large") as stream:
        while piece := stream.read(MIB):
            found += piece
            if len(found) in (2 * MIB, 5 * MIB, 8 * MIB):
                wire.cut()
    assert found == large.read_bytes()


def test_a_download_of_what_was_replaced_meanwhile_does_not_mix_the_two(sftp_store, wire, large):
    store, other = sftp_store(port=wire.port), sftp_store()
    store.put("large", large)
    with store.open("large") as stream:
        stream.read(MIB)
        other.put("large", b"another")
        wire.cut()
        with pytest.raises(StoreError, match="replaced while it was read"):
            while stream.read(MIB):
                pass


def test_two_streams_of_one_store_do_not_take_each_others_bytes(sftp_store, tmp_path):
    store = sftp_store()
    contents = [random.Random(seed).randbytes(3 * MIB) for seed in (1, 2)]
    for number, content in enumerate(contents):
        store.put(f"file{number}", content)
    found = [b"", b""]
    with store.open("file0") as one, store.open("file1") as two:
        while pieces := [one.read(300_000), two.read(300_000)]:
            if not any(pieces):
                break
            store.put("between", b"x")
            found = [before + piece for before, piece in zip(found, pieces, strict=True)]
    assert found == contents


def test_a_connection_that_was_cut_between_two_calls_is_opened_again(sftp_store, wire):
    store = sftp_store(port=wire.port)
    store.put("one", b"1")
    before = wire.connections
    read(store, "one")
    assert wire.connections == before  # kept open between calls
    wire.cut()
    assert read(store, "one") == b"1"
    wire.cut()
    store.put("one", b"2")
    wire.cut()
    assert [entry.key for entry in store.list()] == ["one"]


def test_a_fork_leaves_its_parents_connection_alone(sftp_store):
    store = sftp_store()
    store.put("one", b"1")

    def in_the_child():
        read(store, "one")
        store.close()

    with store.open("one") as stream:
        child = FORK.Process(target=in_the_child)
        child.start()
        child.join(20)
        assert child.exitcode == 0
        assert stream.read() == b"1"
    assert store._line.entered == 1
    assert read(store, "one") == b"1"
    assert store._line.entered == 1


def test_a_full_disk_over_there_is_called_full_and_leaves_nothing(sftp_store, tiny_disk, large):
    store = sftp_store(folder=tiny_disk / "far", large_bytes=MIB)
    with pytest.raises(StoreError, match=r"disk of .* is full"):
        store.put("large", large)
    assert list((tiny_disk / "far" / ".incoming").iterdir()) == []
    store.put("small", b"there is room again")
    assert (about(store).free_bytes or 0) > MIB


def test_a_read_only_disk_over_there_is_called_that(sftp_store, tiny_disk):
    store = sftp_store(folder=tiny_disk / "far")
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    with pytest.raises(StoreError, match="read-only"):
        store.put("one", b"1")


def test_a_store_whose_disk_is_gone_is_no_empty_store(sftp_store, tmp_path):
    store = sftp_store()
    store.put("app/one", b"1")
    (tmp_path / "far").rename(tmp_path / "unmounted")
    (tmp_path / "far").mkdir()
    for call in (
        lambda: list(store.list()),
        lambda: store.put("two", b"2"),
        lambda: store.create("two", b"2"),
        lambda: read(store, "app/one"),
        lambda: store.delete("app/one"),
        lambda: about(store),
    ):
        with pytest.raises(StoreError, match="is gone") as why:
            call()
        assert not isinstance(why.value, NoSuchKey)
    assert list((tmp_path / "far").iterdir()) == []


def test_a_folder_that_was_never_set_up_is_no_store(sftp_store, tmp_path):
    store = sftp_store(set_up=False)
    with pytest.raises(StoreError, match="is gone"):
        store.put("one", b"1")
    assert not (tmp_path / "far").exists()


def test_what_killed_runs_left_is_swept_when_it_is_old(sftp_store, tmp_path):
    sftp_store()
    incoming = tmp_path / "far" / ".incoming"
    ages = {
        "a" * 32: timedelta(days=2),
        "b" * 32: timedelta(hours=1),
        "c.part": timedelta(days=8),
        "d.part": timedelta(days=6),
    }
    for name, age in ages.items():
        (incoming / name).write_bytes(b"left")
        then_s = (incoming / name).stat().st_mtime - age.total_seconds()
        os.utime(incoming / name, (then_s, then_s))
    sftp_store().put("one", b"1")
    assert sorted(file.name for file in incoming.iterdir()) == ["b" * 32, "d.part"]


def test_a_deleted_object_takes_its_empty_folders_with_it(sftp_store, tmp_path):
    store = sftp_store()
    store.put("app/main/one", b"1")
    store.put("app/two", b"2")
    store.delete("app/main/one")
    assert sorted(path.name for path in (tmp_path / "far" / "app").iterdir()) == ["two"]
    store.delete("app/two")
    assert not (tmp_path / "far" / "app").exists()


def test_the_server_copies_by_itself(sftp_store, large, wire):
    store = sftp_store(port=wire.port)
    store.put("large", large)
    wire.sent_bytes = 0
    assert copied(store, "large", "second")
    assert wire.sent_bytes < MIB
    assert read(store, "second") == large.read_bytes()
    with pytest.raises(KeyExists):
        copied(store, "large", "second")
    with pytest.raises(NoSuchKey):
        copied(store, "none", "third")


def test_a_server_that_cannot_copy_says_so(sftp_store, monkeypatch):
    store = sftp_store()
    store.put("one", b"1")
    monkeypatch.setattr("station.stores.sftp.store.COPY_BYTES", "nothing")
    with pytest.raises(CannotCopy):
        store.copy("one", "two")
    assert not copied(store, "one", "two")


def test_nobody_else_can_read_what_is_stored(sftp_store, tmp_path):
    sftp_store().put("app/one", b"1")
    for path in (tmp_path / "far", *(tmp_path / "far").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_meter_counts_what_is_sent(sftp_store, large):
    meter = Meter()
    seen = []
    meter.on_sent = seen.append
    sftp_store(meter=meter, large_bytes=MIB).put("large", large)
    assert sum(seen) >= 10 * MIB and max(seen) <= MIB
