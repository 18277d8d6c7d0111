"""Numbers, the spool, the cadence and the look of the client."""

from itertools import pairwise

import numpy as np
import pytest

from pivision.camera.cadence import Cadence, Orders, Why
from pivision.camera.item import Item
from pivision.camera.look import Look
from pivision.camera.numbering import BLOCK, Numbers
from pivision.camera.spool import Limits, Spool


def item(seq, *, burst=False, size=1000, taken_s=1000.0):
    return Item(seq, taken_s, 640, 480, burst, b"\xff\xd8" + bytes(size) + b"\xff\xd9")


def test_numbers_go_on_above_all_that_were_given_whatever_ended_the_client(tmp_path):
    first = Numbers(tmp_path)
    given = [first.next() for _ in range(3)]
    again = Numbers(tmp_path)
    assert given == [1, 2, 3] and again.next() == BLOCK + 1 and again.life == first.life


def test_an_orderly_end_leaves_no_gap_in_the_numbers(tmp_path):
    first = Numbers(tmp_path)
    given = [first.next() for _ in range(3)]
    first.settle()
    again = Numbers(tmp_path)
    assert [*given, again.next()] == [1, 2, 3, 4] and again.life == first.life
    assert Numbers(tmp_path).next() == 3 + BLOCK + 1


def test_a_block_that_is_used_up_is_followed_by_another(tmp_path):
    numbers = Numbers(tmp_path)
    assert [numbers.next() for _ in range(BLOCK + 2)][-1] == BLOCK + 2
    assert Numbers(tmp_path).next() == 2 * BLOCK + 1


def test_a_lost_counter_begins_another_life(tmp_path):
    numbers = Numbers(tmp_path)
    numbers.next()
    (tmp_path / "numbers.json").write_text('{"life": ')
    assert Numbers(tmp_path).life != numbers.life


def test_the_spool_gives_back_what_it_took_in_order_also_after_a_restart(tmp_path):
    spool = Spool(tmp_path, Limits())
    for seq in (1, 2, 10):
        spool.put(item(seq), 1000)
    again = Spool(tmp_path, Limits())
    found = []
    while (each := again.oldest()) is not None:
        found.append(each)
        again.remove(each.seq)
    assert found == [item(1), item(2), item(10)] and list(tmp_path.iterdir()) == []


def test_a_full_spool_drops_the_oldest_idle_pictures_and_keeps_the_burst(tmp_path):
    spool = Spool(tmp_path, Limits(bytes=5 * 1100))
    for seq in range(1, 5):
        spool.put(item(seq, burst=seq in (1, 2)), 1000)
    for seq in (5, 6):
        spool.put(item(seq), 1000)
    kept = [int(file.name.split("-")[0]) for file in sorted(tmp_path.iterdir())]
    assert kept == [1, 2, 4, 5, 6] and spool.dropped == 1


def test_pictures_of_yesterday_are_dropped(tmp_path):
    spool = Spool(tmp_path, Limits(age_s=100))
    spool.put(item(1, taken_s=1000), 1000)
    spool.put(item(2, taken_s=1200), 1200)
    assert len(spool) == 1 and spool.oldest() == item(2, taken_s=1200)


@pytest.mark.parametrize("cut", [b"", b"{", b'{"seq": 1}\n', item(1).to_bytes()[:-5]])
def test_a_file_that_a_power_cut_left_is_skipped(tmp_path, cut):
    spool = Spool(tmp_path, Limits())
    spool.put(item(1), 1000)
    spool.put(item(2), 1000)
    next(tmp_path.glob("*1-i*")).write_bytes(cut)
    (tmp_path / "000000000000003-i-1000.new").write_bytes(b"half")
    again = Spool(tmp_path, Limits())
    assert again.oldest() == item(2) and len(list(tmp_path.iterdir())) == 1


def sent(cadence, moving, until_s, step_s=0.25):
    """When pictures are sent, and why; `moving(t)` says whether something does."""
    found, at = [], 0.0
    while at < until_s:
        why = cadence.wanted(at, moving=moving(at))
        if why is not None:
            found.append((at, why))
        at += step_s
    return found


def test_while_nothing_moves_pictures_go_by_the_clock():
    times = sent(Cadence(Orders(interval_s=10)), lambda _: False, 35)
    assert times == [(0.0, Why.BASELINE), (10.0, Why.BASELINE), (20.0, Why.BASELINE), (30.0, Why.BASELINE)]


def test_what_moves_is_sent_at_once_and_quickly_until_it_has_been_still_for_a_while():
    found = sent(Cadence(Orders(interval_s=30, burst_fps=2, burst_s=5)), lambda at: 10 <= at <= 12, 30)
    bursts = [at for at, why in found if why is Why.BURST]
    assert bursts[0] == 10.0 and bursts[-1] == 16.5
    assert all(later - earlier == 0.5 for earlier, later in pairwise(bursts))


def test_the_server_can_ask_for_a_burst_and_end_it():
    cadence = Cadence(Orders(interval_s=30, burst_fps=1))
    cadence.wanted(0, moving=False)
    cadence.told(10, 5)
    assert cadence.wanted(5, moving=False) is Why.BURST
    cadence.told(0, 6)
    assert cadence.wanted(7, moving=False) is None


def test_a_tree_in_the_wind_is_given_a_rest_when_the_server_saw_nothing():
    cadence = Cadence(Orders(interval_s=1000, burst_s=5, cooldown_s=60))
    bursts = [at for at, why in sent(cadence, lambda at: at % 20 < 1, 100) if why is Why.BURST]
    assert max(at for at in bursts if at < 20) < 20 and not [at for at in bursts if 21 <= at < 60]


def test_a_visit_that_the_server_sees_is_never_cut_by_the_rest():
    cadence = Cadence(Orders(interval_s=1000, burst_s=5, cooldown_s=60))
    cadence.wanted(0, moving=True)
    cadence.told(15, 1)
    assert all(cadence.wanted(at, moving=True) is Why.BURST for at in range(1, 100))


@pytest.fixture
def scene():
    rng = np.random.default_rng(7)
    ground = rng.integers(40, 200, (120, 160)).astype(np.float32)
    ground = (ground + np.roll(ground, 1, 0) + np.roll(ground, 1, 1)) / 3

    def make(*, gain=1.0, visitor=None):
        picture = ground * gain + rng.normal(0, 3, ground.shape)
        if visitor is not None:
            picture[30:90, visitor : visitor + 20] = 30
        return np.clip(picture, 0, 255).astype(np.uint8)

    return make


def test_somebody_who_comes_is_seen_and_the_cameras_noise_is_not(scene):
    look = Look()
    assert [look.is_moving(scene()) for _ in range(60)] == [False] * 60
    assert [look.is_moving(scene(visitor=x)) for x in (20, 40, 60)] == [True] * 3


def test_a_cloud_is_nobody(scene):
    look = Look()
    assert not any(look.is_moving(scene(gain=1 - 0.01 * step)) for step in range(40))


def test_somebody_who_stands_still_is_still_there_for_a_while(scene):
    look = Look()
    for _ in range(20):
        look.is_moving(scene())
    assert all(look.is_moving(scene(visitor=60)) for _ in range(20))
