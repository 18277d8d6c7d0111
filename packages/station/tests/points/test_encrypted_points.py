"""Restore points of an encrypted store: all that reads them works without options, and the commands of the page too."""

import hashlib
import json
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from station.errors import DamagedObject, StoreError
from station.fleet import Keep
from station.points.catalog import list_points
from station.points.copying import Source, copier
from station.points.divergence import divergences, save_divergence
from station.points.divergencestore import store_divergence
from station.points.drill import drill
from station.points.inventory import object_keys, take_inventory
from station.points.prune import prune
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.target import Rules
from station.points.verify import verify
from station.stores.cipher import Cipher, equip
from station.stores.directory import DirectoryStore
from station.stores.keymaking import create_key_file, rotate_key_file

PAGE = next(path for folder in Path(__file__).parents if (path := folder / "docs" / "encryption.md").exists())


@pytest.fixture
def key_file(bench) -> Path:
    file = bench.folder / "disk.key"
    create_key_file(file, bench.now)
    equip(bench.store, Cipher(file, "disk"))
    return file


@pytest.fixture
def points(bench, key_file) -> list:
    """A base and two changes, encrypted."""
    with bench.taker() as taker:
        for _ in range(3):
            bench.add_rows(20)
            bench.take(taker)
    return list_points(bench.store, bench.identity)


def plainly(bench) -> DirectoryStore:
    """The same store, opened by a host whose manifest names no key."""
    return DirectoryStore("disk", bench.store.path)


def objects(bench) -> list[str]:
    names = [file.name for file in sorted(bench.store.path.rglob("*")) if file.is_file() and file.name[0] != "."]
    return [name for name in names if not name.endswith((".json", ".sh", ".py")) and name not in ("newest", "damaged")]


def test_every_object_is_encrypted_and_the_record_says_to_which_key(bench, points) -> None:
    assert objects(bench) == ["000001.wal.zst.age", "000002.wal.zst.age", "base.db.zst.age"]
    assert {point.key for point in points} == {bench.store.cipher.key_id}
    stored = b"".join(file.read_bytes() for file in bench.store.path.rglob("*.age"))
    assert b"row 1" not in stored and b"\x28\xb5\x2f\xfd" not in stored  # no zstd frame shows


def test_differences_are_encrypted_and_restored_by_us_and_by_the_script(bench, key_file, rows) -> None:
    with PointTaker(
        bench.database, bench.identity, bench.store, bench.state, "pi-ctv", rules=Rules(encoding="delta")
    ) as taker:
        for _ in range(3):
            bench.add_rows(20)
            point = bench.take(taker)
    assert point.object_key.endswith("/000002.delta.age")
    restore(bench.store, point, bench.folder / "back.db")
    assert bench.mirror.catch_up() == point
    script = bench.store.path / point.folder / "restore.py"
    command = ["python3", script, bench.folder / "by-script.db", "--key", key_file]
    subprocess.run(command, capture_output=True, check=True)
    assert rows(bench.folder / "back.db") == rows(bench.folder / "by-script.db") == bench.rows()


def test_restore_verify_drill_and_mirror_work_without_options(bench, points, rows) -> None:
    restore(bench.store, points[-1], bench.folder / "back.db")
    assert rows(bench.folder / "back.db") == bench.rows()
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    assert bench.mirror.catch_up() == points[-1]


def test_a_drill_passes_without_options(bench, points) -> None:
    found = drill(Source(bench.identity, bench.database, bench.state, "pi-ctv", 1), bench.store, lambda: bench.now)
    assert (found.passed, found.point, found.differences) == (True, points[-1].name, [])


def test_pruning_frees_encrypted_chains_whole_and_keeps_the_others(bench, points) -> None:
    bench.now += timedelta(days=30)
    bench.add_rows(1)
    kept = bench.take_once(full=True)
    bench.now += timedelta(days=2)
    rule = Keep(last=1, hourly=0, daily=0, weekly=0, monthly=0)
    freed = prune(bench.store, bench.identity, rule, bench.now, lambda: None)
    assert [each.chain for each in freed.freed] == [points[0].chain]
    assert not (bench.store.path / points[0].folder).exists() or not list(
        (bench.store.path / points[0].folder).iterdir()
    )
    assert objects(bench) == ["base.db.zst.age"]
    restore(bench.store, kept, bench.folder / "back.db")


def test_what_a_killed_run_left_in_another_encoding_goes_with_its_number(bench, points) -> None:
    left = bench.store.path / points[0].folder / "000002.wal.zst"
    left.write_bytes(b"left by a killed run")
    (chain,) = take_inventory(bench.store, bench.identity).chains
    assert [point.seq for point in chain.whole()] == [0, 1, 2]
    assert {key.rpartition("/")[2] for key in object_keys(bench.identity, chain, 2)} == {left.name, f"{left.name}.age"}


def test_verify_needs_no_key_and_deep_names_the_one_it_needs(bench, points) -> None:
    assert all(found.whole for found in verify(plainly(bench), bench.identity))
    problems = [found.problem for found in verify(plainly(bench), bench.identity, deep=True) if not found.whole]
    assert len(problems) == 1
    assert f"needs the key {points[0].key}, and [stores.disk] names no key file" in problems[0]


def test_a_restore_without_the_key_says_which_and_writes_nothing(bench, points) -> None:
    with pytest.raises(StoreError, match=f"needs the key {points[0].key}"):
        restore(plainly(bench), points[-1], bench.folder / "back.db")
    assert not list(bench.folder.glob("back*"))


@pytest.mark.parametrize("cut", [1, 5000, -1])
def test_a_damaged_encrypted_object_is_told_as_any_other(bench, points, cut: int) -> None:
    file = bench.object_file(points[0])
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DamagedObject):
        restore(bench.store, points[-1], bench.folder / "back.db")


def test_switching_on_off_and_rotating_starts_a_chain_and_breaks_nothing(bench, rows, key_file) -> None:
    cipher, moments = bench.store.cipher, []

    def moment() -> None:
        bench.add_rows(5)
        point = bench.take_once()
        moments.append((point, bench.rows()))

    del bench.store.cipher
    moment()
    moment()
    equip(bench.store, cipher)
    moment()
    moment()
    rotate_key_file(key_file, bench.now)
    moment()
    del bench.store.cipher
    moment()
    equip(bench.store, cipher)
    assert [point.seq for point, _ in moments] == [0, 1, 0, 1, 0, 0]
    assert len({point.key for point, _ in moments}) == 3
    for number, (point, held) in enumerate(moments):
        restore(bench.store, point, bench.folder / f"{number}.db")
        assert rows(bench.folder / f"{number}.db") == held
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    assert bench.mirror.catch_up() == moments[-1][0]


def test_a_rotation_while_a_taker_runs_needs_no_restart(bench, points, key_file) -> None:
    with bench.taker() as taker:
        bench.add_rows(1)
        before = bench.take(taker)
        new = rotate_key_file(key_file, bench.now)
        bench.add_rows(1)
        after = bench.take(taker)
    assert (before.seq, before.key) == (3, points[0].key)
    assert (after.seq, after.key) == (0, new)


def test_without_the_key_file_nothing_is_taken_in_the_clear(bench, points, key_file) -> None:
    before = objects(bench)
    key_file.unlink()
    bench.add_rows(1)
    with pytest.raises(StoreError, match="No such file"):
        bench.take_once()
    assert objects(bench) == before
    assert not any(file.is_file() for file in (bench.state / "outbox").rglob("*"))


def test_a_divergence_is_stored_encrypted_and_age_opens_it(bench, points, key_file) -> None:
    bench.add_rows(1)
    saved = save_divergence(bench.database, bench.identity, bench.state, "pi-ctv", bench.now)
    store_divergence(bench.store, saved)
    folder = bench.store.path / "bookedbiz/divergence/pi-ctv"
    sealed, record = sorted(folder.iterdir(), reverse=True)
    said = json.loads(record.read_bytes())
    assert (said["file"], said["key"]) == (f"{saved.file.name}.age", points[0].key) == (sealed.name, points[0].key)
    assert said["object_sha256"] == hashlib.sha256(sealed.read_bytes()).hexdigest()
    opened = subprocess.run(["age", "-d", "-i", key_file, sealed], capture_output=True, check=True).stdout
    assert opened == saved.file.read_bytes()
    assert list(divergences(bench.state)) == [saved]
    assert not list(saved.file.parent.glob("*.age"))
    assert take_inventory(bench.store, bench.identity).diverged_from == {saved.since}


def test_a_divergence_of_a_plain_store_is_stored_as_it_is(bench) -> None:
    bench.take_once()
    bench.add_rows(1)
    saved = save_divergence(bench.database, bench.identity, bench.state, "pi-ctv", bench.now)
    store_divergence(bench.store, saved)
    folder = bench.store.path / "bookedbiz/divergence/pi-ctv"
    assert (folder / saved.file.name).read_bytes() == saved.file.read_bytes()
    assert len(list(folder.iterdir())) == 2


def test_the_commands_of_the_page_bring_everything_back(bench, points, key_file, rows) -> None:
    with copier(
        Source(bench.identity, bench.database, bench.state, "pi-ctv", 1), bench.store, lambda: None, lambda: bench.now
    ) as copies:
        copies.upload()
    by_hand = bench.folder / "by hand"
    by_hand.mkdir()
    commands = "set -eu\n" + "".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL))
    environment = os.environ | {"STORE": str(bench.store.path), "KEY": str(key_file)}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", commands],
        cwd=by_hand,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:3] == ["ok"] * 3
    assert rows(by_hand / "nightly.db") == rows(by_hand / "newest.db") == bench.rows()
    assert rows(by_hand / "base.db") == bench.rows()[: len(rows(by_hand / "base.db"))] != bench.rows()
