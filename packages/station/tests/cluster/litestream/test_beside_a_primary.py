"""The real Litestream beside a database: what it ships, what is told of it, and what happens without this or that."""

import os
import stat
import time
from datetime import timedelta

import pytest

from station.clock import utc_now
from station.errors import DamagedObject, Refused, StationError
from station.stores.directory import DirectoryStore


def test_what_was_written_is_in_the_replica_and_a_restore_has_it(run, program, count_rows, tmp_path) -> None:
    running = run()
    running.sql("insert into t values (1), (2)")
    running.wait_until_shipped()
    assert running.status() == {"lag_s": 0.0, "newest": running.status()["newest"], "error": None}
    replicas = running.replicas(program)
    store = DirectoryStore("disk", running.fleet.stores["disk"].path)
    assert replicas.epochs(store) == [1]
    replica = replicas.newest(1)
    assert replica.newest is not None
    assert abs(replica.newest - utc_now()) < timedelta(seconds=10)
    replicas.restore(replica, tmp_path / "back.db")
    assert [file.name for file in tmp_path.glob("*back*")] == ["back.db"]
    assert count_rows(tmp_path / "back.db") == 2
    with pytest.raises(Refused):
        replicas.restore(replica, tmp_path / "back.db")


def test_asked_to_end_it_ships_what_was_written_last(run, program, count_rows, tmp_path) -> None:
    running = run(("sync_every_s = 0.2", "sync_every_s = 60"))
    running.wait(lambda: running.litestream() and running.status()["newest"], "the start")
    running.sql("insert into t values (1), (2), (3)")
    assert running.stop() == 0
    replicas = running.replicas(program)
    replicas.restore(replicas.newest(1), tmp_path / "back.db")
    assert count_rows(tmp_path / "back.db") == 3


def test_the_program_is_told_by_its_configuration_alone_which_only_its_owner_reads(run) -> None:
    running = run()
    running.wait(running.litestream, "Litestream")
    file = running.state / "litestream" / "litestream.yml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert running.litestream().cmdline()[1:] == ["replicate", "-no-expand-env", "-config", str(file)]
    assert [each.name for each in running.databases["main"].parent.iterdir() if "litestream" in each.name] == []


def test_a_missing_program_is_told_and_waited_for(run, program) -> None:
    running = run((f'"{program}"', '"/nowhere/litestream"'))
    running.wait(lambda: running.status()["error"], "the trouble")
    assert running.status()["error"] == "Litestream is not there: no program /nowhere/litestream"
    time.sleep(1.2)
    assert running.process.poll() is None
    assert running.log() == ""
    assert running.stop() == 0


def test_a_program_of_another_version_is_not_started(run, program, tmp_path) -> None:
    other = tmp_path / "litestream"
    other.write_text("#!/bin/sh\necho v0.5.2\n")
    other.chmod(0o755)
    running = run((f'"{program}"', '"./litestream"'))
    running.wait(lambda: running.status()["error"], "the trouble")
    assert running.status()["error"] == f"{other} is Litestream v0.5.2, which is not supported"


def test_a_disk_that_is_taken_away_is_not_filled_underneath_and_it_goes_on_when_it_is_back(
    run, program, count_rows, tmp_path
) -> None:
    running = run()
    running.wait_until_shipped()
    place = running.fleet.stores["disk"].path
    place.rename(place.with_name("away"))
    place.mkdir()  # the mount point
    running.wait(lambda: "is no store" in (running.status()["error"] or ""), "the trouble")
    assert running.litestream() is None
    assert list(place.iterdir()) == []
    running.sql("insert into t values (1)")
    assert running.status()["lag_s"] > 0
    place.rmdir()
    place.with_name("away").rename(place)
    running.wait_until_shipped()
    assert running.status()["error"] is None
    replicas = running.replicas(program)
    replicas.restore(replicas.newest(1), tmp_path / "back.db")
    assert count_rows(tmp_path / "back.db") == 1


@pytest.mark.slow
def test_a_litestream_that_dies_is_started_again_and_its_end_is_told(run) -> None:
    running = run()
    running.wait_until_shipped()
    first = running.litestream()
    first.kill()
    running.wait(lambda: running.status()["error"], "the trouble")
    assert running.status()["error"].startswith("Litestream ended with exit code -9")
    running.wait_until_shipped()
    assert running.litestream().pid != first.pid


def test_it_ends_with_the_one_who_watches_it(run) -> None:
    running = run()
    running.wait(running.litestream, "Litestream")
    child = running.litestream()
    running.process.kill()
    running.process.wait()
    child.wait(5)


@pytest.mark.slow
def test_the_next_epoch_has_a_replica_of_its_own_and_the_old_one_stays(run, program, count_rows, tmp_path) -> None:
    running = run()
    running.sql("insert into t values (1)")
    running.wait_until_shipped()
    running.stop()
    running.sql("insert into t values (2)")
    running.start(epoch=2)
    running.wait_until_shipped()
    replicas = running.replicas(program)
    assert replicas.epochs(DirectoryStore("disk", running.fleet.stores["disk"].path)) == [1, 2]
    for epoch in (1, 2):
        replicas.restore(replicas.newest(epoch), tmp_path / f"{epoch}.db")
        assert count_rows(tmp_path / f"{epoch}.db") == epoch
    log = running.log()
    assert log.count("no generation exists") == 4  # two databases, two epochs: none went on with the other's


@pytest.mark.slow
def test_the_same_epoch_goes_on_with_its_generation(run) -> None:
    running = run()
    running.wait_until_shipped()
    running.stop()
    running.start(epoch=1)
    running.wait_until_shipped()
    assert running.log().count("no generation exists") == 2


@pytest.mark.slow
def test_a_moment_in_between_can_be_had_back(run, program, count_rows, tmp_path) -> None:
    running = run()
    running.sql("insert into t values (1)")
    running.wait_until_shipped()
    time.sleep(1.1)  # Litestream's moments are whole seconds
    between = utc_now()
    running.sql("insert into t values (2)")
    running.wait_until_shipped()
    running.stop()
    replicas = running.replicas(program)
    replicas.restore(replicas.newest(1), tmp_path / "back.db", between)
    assert count_rows(tmp_path / "back.db") == 1


@pytest.mark.slow
def test_a_replica_that_was_damaged_leaves_no_file(run, program, tmp_path) -> None:
    running = run()
    running.sql("insert into t values (1)")
    running.wait_until_shipped()
    running.stop()
    place = running.fleet.stores["disk"].path / "litestream" / "counter" / "main"
    snapshot = next(place.rglob("*.snapshot.lz4"))
    os.truncate(snapshot, snapshot.stat().st_size - 20)
    replicas = running.replicas(program)
    with pytest.raises((StationError, DamagedObject)):
        replicas.restore(replicas.newest(1), tmp_path / "back.db")
    assert list(tmp_path.glob("*back*")) == []
