"""`station store set-up`: a place is a store again, and never one that only did not answer."""

from typing import Any

import pytest

from station.clock import utc_now
from station.cluster.roles import write_epoch
from station.stores.directory import MARKER


@pytest.fixture
def gone(yard: Any) -> Any:
    """The host was primary last, in epoch 7, and the store's folder is empty: its disk is lost."""
    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 7, utc_now())
    yard.store.path.rename(yard.store.path.with_name("lost"))
    yard.store.path.mkdir()
    return yard


def test_a_store_that_is_gone_is_set_up_anew(gone: Any, station: Any) -> None:
    done = station("store", "set-up", gone.store.name, "--yes")
    assert done.code == 0, done.err
    assert "pi-ctv was primary last, in epoch 7, and begins with a full copy" in done.err
    assert gone.store.is_there
    assert list(gone.store.list()) == []


def test_nothing_is_made_unless_somebody_agrees(gone: Any, station: Any) -> None:
    done = station("store", "set-up", gone.store.name)
    assert done.code == 2 and "--yes" in done.err
    assert not gone.store.is_there


def test_a_store_in_which_somebody_is_primary_is_refused(gone: Any, station: Any) -> None:
    gone.store.path.rmdir()
    gone.store.path.with_name("lost").rename(gone.store.path)
    done = station("store", "set-up", gone.store.name, "--yes")
    assert done.code == 20
    assert "pi-ctv is primary of bookedbiz in epoch 1" in done.err


def test_a_store_that_answers_and_holds_no_lease_is_left_as_it_is(gone: Any, station: Any) -> None:
    gone.store.initialise()
    before = (gone.store.path / MARKER).read_bytes()
    done = station("store", "set-up", gone.store.name, "--yes")
    assert done.code == 0 and "nothing was changed" in done.err
    assert (gone.store.path / MARKER).read_bytes() == before


def test_the_error_of_a_store_that_is_gone_names_the_command(gone: Any, station: Any) -> None:
    done = station("db", "info")
    assert f"`station store set-up {gone.store.name}`" in done.out + done.err
