"""The lease: of any number of racing hosts exactly one gets each epoch."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from station.cluster.lease import Lease
from station.errors import DamagedObject, LeaseLost, StoreError
from station.stores.directory import DirectoryStore

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)

RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from station.cluster.lease import Lease
from station.errors import LeaseLost
from station.stores.directory import DirectoryStore
lease = Lease(DirectoryStore("disk", Path(sys.argv[1])), "app")
print("ready", flush=True)
sys.stdin.readline()
for epoch in range(20):
    try:
        lease.take(sys.argv[2], epoch, "race", datetime(2026, 11, 21, tzinfo=UTC))
        print("won", epoch + 1, flush=True)
    except LeaseLost:
        while lease.current() is None or lease.current().epoch <= epoch:
            pass
"""


@pytest.fixture
def store(tmp_path):
    store = DirectoryStore("disk", tmp_path / "store")
    store.initialise()
    return store


@pytest.fixture
def lease(store):
    return Lease(store, "app")


def test_nobody_is_primary_before_the_first_epoch(lease):
    assert lease.current() is None


def test_who_creates_the_next_epoch_is_primary(lease):
    lease.take("one", 0, "first start", NOW)
    taken = lease.take("two", 1, "failover", NOW)
    assert lease.current() == taken
    assert (taken.epoch, taken.holder, taken.reason) == (2, "two", "failover")


def test_who_comes_second_is_told_who_was_quicker(lease):
    lease.take("one", 0, "first start", NOW)
    with pytest.raises(LeaseLost, match="one's"):
        lease.take("two", 0, "failover", NOW)


def test_a_past_epoch_is_not_enough(lease):
    lease.take("one", 0, "first start", NOW)
    lease.require(1)
    lease.take("two", 1, "failover", NOW)
    with pytest.raises(LeaseLost, match="two's"):
        lease.require(1)


def test_the_highest_number_is_the_truth_beyond_six_digits(lease, store):
    lease.take("one", 999_998, "long life", NOW)
    lease.take("two", 999_999, "longer life", NOW)
    assert lease.current().holder == "two"
    assert {entry.key for entry in store.list("app/")} == {"app/epochs/999999.json", "app/epochs/1000000.json"}


def test_a_record_that_cannot_be_read_is_named(lease, store):
    store.put("app/epochs/000001.json", b"{")
    with pytest.raises(DamagedObject, match=r"app/epochs/000001\.json"):
        lease.current()


class _LosesAnswers(DirectoryStore):
    """A store whose answer to a creation gets lost; `created` says whether it came before or after the work."""

    created = True

    def create(self, key, source):
        if self.created:
            super().create(key, source)
        raise StoreError("the connection was lost")


def test_a_creation_whose_answer_was_lost_is_recognised_by_its_nonce(store):
    lossy = _LosesAnswers("disk", store.path)
    taken = Lease(lossy, "app").take("one", 0, "first start", NOW)
    assert Lease(store, "app").current() == taken


def test_a_creation_that_did_not_happen_is_a_store_error(store):
    lossy = _LosesAnswers("disk", store.path)
    lossy.created = False
    with pytest.raises(StoreError, match="connection was lost"):
        Lease(lossy, "app").take("one", 0, "first start", NOW)
    assert Lease(store, "app").current() is None


def test_of_many_racing_processes_exactly_one_gets_each_epoch(store):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(store.path), f"host{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for racer in racers:
        racer.stdout.readline()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = []
    for number, racer in enumerate(racers):
        said, _ = racer.communicate(timeout=60)
        assert racer.returncode == 0
        won += [(int(line.split()[1]), f"host{number}") for line in said.splitlines()]
    assert sorted(epoch for epoch, _ in won) == list(range(1, 21))
    lease = Lease(store, "app")
    for epoch, holder in won:
        assert lease._read(epoch).holder == holder


def test_an_epoch_that_was_left_out_is_nobodys(lease, store):
    """Who wants to follow an epoch that is not the highest gets nothing, free though the next number may be."""
    lease.take("one", 4, "the store was replaced", NOW)
    with pytest.raises(LeaseLost, match="one's"):
        lease.take("two", 1, "failover", NOW)
    assert [entry.key for entry in store.list("app/")] == ["app/epochs/000005.json"]
