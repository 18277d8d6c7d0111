"""A damaged object does not hold the standby back for long: its mirror tells, and the taker begins a new chain."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from station.points.catalog import damaged_chain_key
from station.points.taker import PointTaker
from station.points.target import ENOUGH_FOR_A_NEW_CHAIN, LOOK_EVERY
from station.stores.store import read


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("is_written_to", [True, False])
def test_a_damaged_change_leads_to_a_new_chain_that_the_mirror_follows(
    bench: Any, taker: PointTaker, is_written_to: bool
) -> None:
    base = bench.take(taker)
    bench.mirror.catch_up()
    bench.add_rows(3)
    damage(bench.object_file(bench.take(taker)))
    assert bench.mirror.catch_up() == base
    bench.now += ENOUGH_FOR_A_NEW_CHAIN
    if is_written_to:
        bench.add_rows(3)
    fresh = bench.take(taker)
    assert fresh.is_base and fresh.chain > base.chain
    assert bench.mirror.catch_up() == fresh
    bench.add_rows(3)
    bench.now += LOOK_EVERY
    assert bench.take(taker).seq == 1


def test_a_disk_that_damages_all_it_gets_is_not_filled_with_full_copies(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.mirror.catch_up()
    for _ in range(5):
        bench.add_rows(3)
        damage(bench.object_file(bench.take(taker)))
        bench.mirror.catch_up()
        bench.now += LOOK_EVERY
    assert len({key.key.split("/")[2] for key in bench.store.list("bookedbiz/main/") if key.key.endswith("json")}) == 1


def test_the_mirror_tells_of_a_damage_once(bench: Any, taker: PointTaker) -> None:
    damage(bench.object_file(bench.take(taker)))
    bench.mirror.catch_up()
    key = damaged_chain_key(bench.identity)
    assert taker.last and read(bench.store, key).decode() == taker.last.chain
    bench.store.delete(key)
    bench.mirror.catch_up()
    assert list(bench.store.list(key)) == []


def test_another_chains_damage_is_none_of_ours(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.store.put(damaged_chain_key(bench.identity), b"000001-pi2-20261121T024507123Z")
    bench.now += ENOUGH_FOR_A_NEW_CHAIN + timedelta(minutes=1)
    bench.add_rows(1)
    assert bench.take(taker).seq == 1
