"""Which points a rule keeps of histories as they happen, and what may go: golden files, then what must always hold.

STATION_WRITE_GOLDEN=1 writes the golden files anew: read the difference before you keep it.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.clock import to_text
from station.fleet import Keep
from station.points.inventory import Chain, Inventory
from station.points.retention import AHEAD, GRACE, MOST_CHANGES, Plan, Reason, keep, outlived, plan, reasons

GOLDEN = Path(__file__).with_name("golden")
START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def as_text(what: str, inventory: Inventory, rule: Keep, decided: Plan, now: datetime) -> str:
    left = [chain for chain in after(inventory, decided).chains if chain.records]
    lines = [
        what,
        f"{rule}",
        f"now {to_text(now)}",
        f"{decided.points} points in {len(inventory.chains)} chains, {decided.bytes:,} bytes",
        "",
        "kept",
        *(
            f"  {to_text(point.taken_at)}  {point.name}  {', '.join(map(str, why))}"
            for point, why in decided.kept.items()
            if why != (AHEAD,)
        ),
        f"  and {sum(why == (AHEAD,) for why in decided.kept.values())} points ahead of the clock",
        "",
        "not touched",
        *(f"  {chain}  {why}" for chain, why in decided.resting.items()),
        "",
        "goes",
        *(
            f"  {freed.chain}  {'all of it' if freed.entire else f'after {freed.numbers[-1] - 1:06d}'}: "
            f"{len(freed.numbers)} points, {freed.bytes:,} bytes"
            for freed in decided.freed
        ),
        "",
        f"left: {sum(len(chain.records) for chain in left)} points in {len(left)} chains, "
        f"{decided.bytes - decided.freed_bytes:,} bytes",
    ]
    return "\n".join(lines) + "\n"


def after(inventory: Inventory, decided: Plan, cut: int | None = None) -> Inventory:
    """What is left when the plan was carried out, or was cut after so many deletions."""
    gone = set([key for freed in decided.freed for key in freed.keys][:cut])
    return without(inventory, gone)


def without(inventory: Inventory, gone: set[str]) -> Inventory:
    chains = []
    for chain in inventory.chains:
        prefix = f"{inventory.identity.prefix}{chain.name}/"
        records = {seq: size for seq, size in chain.records.items() if f"{prefix}{seq:06d}.json" not in gone}
        objects = {seq: size for seq, size in chain.objects.items()
                   if prefix + (f"{seq:06d}.wal.zst" if seq else "base.db.zst") not in gone}  # fmt: skip
        script = None if f"{prefix}restore.sh" in gone else chain.script_bytes
        points = {seq: point for seq, point in chain.points.items() if seq in records}
        if records or objects or script is not None:
            chains.append(Chain(chain.name, records, objects, script, points))
    return replace(inventory, chains=tuple(chains))


def every_three_seconds_for_a_day(history: Any) -> datetime:
    return history.every(3 * SECOND, 28_800)


def every_five_minutes_for_a_year(history: Any) -> datetime:
    return history.every(5 * MINUTE, 105_120)


def office_hours_with_a_holiday(history: Any) -> datetime:
    """A point every ten minutes from nine to five on workdays, but none in the second half of December."""
    for day in range(120):
        morning = (START + day * DAY).replace(hour=9, minute=0)
        if morning.weekday() < 5 and not (morning.month == 12 and morning.day > 15):
            history.every(10 * MINUTE, 48, morning)
    return START + 120 * DAY


def failovers_to_and_fro(history: Any) -> datetime:
    now = START
    for day, host in [(3, "pi2"), (1, "pi-ctv"), (12, "pi2"), (2, "pi-ctv"), (40, "pi2")]:
        now = history.every(20 * MINUTE, 72 * day, now)
        history.switch(host)
        now += 3 * MINUTE
    return history.every(20 * MINUTE, 5, now)


def a_clock_that_jumps(history: Any) -> datetime:
    """Every ten minutes for a fortnight. In between the clock is a year ahead for a day, then right again."""
    now = history.every(10 * MINUTE, 144 * 5)
    history.every(10 * MINUTE, 144, now + 365 * DAY)
    return history.every(10 * MINUTE, 144 * 9, now + DAY)


def a_clock_set_back_an_hour(history: Any) -> datetime:
    now = history.every(10 * MINUTE, 144 * 5)
    return history.every(10 * MINUTE, 144 * 9, now - HOUR)


def the_end_of_summer_time(history: Any) -> datetime:
    return history.every(10 * MINUTE, 144 * 3, datetime(2026, 10, 31, 0, 0, tzinfo=UTC))


HISTORIES = [
    (every_three_seconds_for_a_day, {}),
    (every_five_minutes_for_a_year, {}),
    (office_hours_with_a_holiday, {"last": 3, "hourly": 3}),
    (failovers_to_and_fro, {"last": 2, "hourly": 0, "daily": 7, "weekly": 2, "monthly": 3}),
    (a_clock_that_jumps, {"last": 3, "hourly": 2}),
    (a_clock_set_back_an_hour, {"last": 3, "hourly": 5, "daily": 3, "weekly": 0, "monthly": 0, "full_every_days": 1}),
    (the_end_of_summer_time, {"last": 1, "hourly": 48, "daily": 3, "zone": "America/New_York"}),
]


@pytest.mark.parametrize(("happened", "numbers"), HISTORIES, ids=[happened.__name__ for happened, _ in HISTORIES])
def test_what_is_kept_of(happened: Any, numbers: dict[str, Any], history: Any) -> None:
    made = history(**numbers)
    now = happened(made)
    inventory = made.inventory()
    shown = as_text(happened.__name__.replace("_", " "), inventory, made.rule, plan(inventory, made.rule, now), now)
    golden = GOLDEN / f"{happened.__name__}.txt"
    if os.environ.get("STATION_WRITE_GOLDEN"):
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_the_last_point_of_each_period_is_kept_and_the_newest_few(history) -> None:
    made = history(last=2, hourly=0, daily=2, weekly=0, monthly=0)
    made.every(6 * HOUR, 12)
    kept = keep(made.points, made.rule, START + 12 * 6 * HOUR)
    assert sorted(point.seq for point in kept) == [7, 10, 11]  # 21:45 twenty-four hours ago, and the newest two


def test_periods_are_counted_where_there_are_points_however_long_ago(history) -> None:
    made = history(last=1, hourly=0, daily=5, weekly=0, monthly=0)
    made.every(6 * HOUR, 40)
    assert keep(made.points, made.rule, START + 10 * DAY) == keep(made.points, made.rule, START + 9999 * DAY)


def test_points_ahead_of_the_clock_are_kept_and_push_nothing_out(history) -> None:
    made = history(last=2, hourly=0, daily=1, weekly=0, monthly=0)
    now = made.every(HOUR, 4)
    alone = reasons(made.points, made.rule, now)
    made.every(HOUR, 4, now + 300 * DAY)
    kept = reasons(made.points, made.rule, now)
    assert {point for point, why in kept.items() if why == (AHEAD,)} == set(made.points[4:])
    assert {point: why for point, why in kept.items() if AHEAD not in why} == alone


def test_days_begin_where_the_rule_says(history) -> None:
    made = history(last=1, hourly=0, daily=9, weekly=0, monthly=0, zone="America/New_York")
    made.every(HOUR, 26, datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    kept = reasons(made.points, made.rule, START)
    assert [(point.taken_at.hour, str(why[-1])) for point, why in kept.items()] == [
        (4, "daily 2026-11-19"),
        (1, "daily 2026-11-20"),
    ]


def test_the_newest_chain_and_the_one_before_for_a_day_are_not_touched(history) -> None:
    made = history(last=1, hourly=0, daily=0, weekly=0, monthly=0)
    for start in (START, START + DAY, START + 2 * DAY):
        made.take(start, full=True)
        made.take(start + MINUTE)
    old, before, newest = sorted(made.chains)
    resting = plan(made.inventory(), made.rule, START + 2 * DAY + GRACE - SECOND).resting
    assert resting == {newest: "the newest chain", before: "ended less than a day ago"}
    decided = plan(made.inventory(), made.rule, START + 2 * DAY + GRACE)
    assert [(freed.chain, freed.numbers, freed.entire) for freed in decided.freed] == [
        (old, (1, 0), True),
        (before, (1, 0), True),
    ]
    prefix = f"bookedbiz/main/{old}"
    assert decided.freed[0].keys == (
        f"{prefix}/000001.json",
        f"{prefix}/000000.json",
        f"{prefix}/000001.wal.zst",
        f"{prefix}/base.db.zst",
        f"{prefix}/restore.sh",
    )
    assert decided.freed[0].bytes == 400_030_000 + 2 * 450 + 1800


def test_a_chain_of_the_highest_epoch_is_the_newest_though_an_older_epoch_has_later_ones(history) -> None:
    made = history(last=1, hourly=0, daily=0, weekly=0, monthly=0)
    made.switch("pi2")
    right = made.take(START)
    made.epoch, made.host, made.last = 1, "pi-ctv", None
    stale = made.take(START + 9 * DAY)
    decided = plan(made.inventory(), made.rule, START + 30 * DAY)
    assert decided.resting == {right.chain: "the newest chain"}
    assert decided.kept[stale] == (Reason("last"), Reason("last of epoch", "1"))


def test_what_a_divergence_counts_from_and_the_end_of_the_epoch_before_stay(history) -> None:
    made = history(last=1, hourly=0, daily=0, weekly=0, monthly=0)
    made.every(HOUR, 5)
    made.switch("pi2")
    made.every(HOUR, 5, START + DAY)
    made.switch("pi-ctv")
    made.every(HOUR, 5, START + 2 * DAY)
    first, second, _ = sorted(made.chains)
    decided = plan(made.inventory(f"{first}/000002"), made.rule, START + 9 * DAY)
    assert {point.name: str(why[0]) for point, why in decided.kept.items() if point.epoch < 3} == {
        f"{first}/000002": "divergence",
        f"{second}/000004": "last of epoch 2",
    }
    assert [(freed.chain, freed.numbers, freed.entire) for freed in decided.freed] == [(first, (4, 3), False)]


def test_an_object_without_a_record_goes_once_its_chain_has_ended(history) -> None:
    made = history(last=1)
    made.every(HOUR, 3)
    made.take(START + DAY, full=True)
    old, newest = made.inventory().chains
    torn = [replace(chain, objects={**chain.objects, 3: 777}) for chain in (old, newest)]
    begun = Chain("000001-pi-ctv-20261120T000000000Z", {}, {0: 5}, 1800, {})
    inventory = replace(made.inventory(), chains=(begun, *torn))
    assert [key for key, _ in inventory.unreferenced] == [
        f"bookedbiz/main/{begun.name}/base.db.zst",
        f"bookedbiz/main/{old.name}/000003.wal.zst",
        f"bookedbiz/main/{newest.name}/000003.wal.zst",
    ]
    assert plan(inventory, made.rule, START + DAY - SECOND).freed_unreferenced == 0
    decided = plan(inventory, made.rule, START + 3 * DAY)
    assert [(freed.chain, freed.unreferenced, freed.bytes) for freed in decided.freed] == [
        (begun.name, 1, 1805),
        (old.name, 1, 777),
    ]
    alone = replace(inventory, chains=(replace(begun, objects={}), *torn))
    assert (f"bookedbiz/main/{begun.name}/restore.sh", 1800) in alone.unreferenced


@pytest.mark.parametrize("damage", ["a record that cannot be read", "a record that is gone", "an object cut short"])
@pytest.mark.parametrize("number", [0, 2])
def test_points_that_do_not_restore_stay_where_nothing_better_is_of_their_day(
    history, damage: str, number: int
) -> None:
    made = history(last=1, hourly=0, daily=30, weekly=0, monthly=0)
    made.every(6 * HOUR, 8, START.replace(hour=0))  # two days
    made.take(START + 9 * DAY, full=True)
    now = START + 30 * DAY
    inventory = broken(made.inventory(), damage, number)
    decided = plan(inventory, made.rule, now)
    assert decided.freed == ()
    days = {"2026-11-22"} | ({"2026-11-21"} if number == 0 else set())
    assert {why.period for whys in decided.damaged_kept.values() for why in whys} == days
    # the same days of a chain that is whole: now they may go, and it is said that they were damaged
    other = history()
    other.host = "other"
    other.every(6 * HOUR, 8, START.replace(hour=1))
    chains = sorted([*inventory.chains, *other.inventory().chains], key=lambda chain: chain.name)
    decided = plan(replace(inventory, chains=tuple(chains)), made.rule, now)
    assert decided.damaged_kept == {}
    assert [(freed.chain, freed.damaged) for freed in decided.freed] == [
        (inventory.chains[0].name, sum(1 for seq in inventory.chains[0].records if seq >= number))
    ]


def broken(inventory: Inventory, damage: str, number: int) -> Inventory:
    first, *others = inventory.chains
    if damage == "an object cut short":
        first = replace(first, objects={**first.objects, number: first.objects[number] - 1})
    else:
        first = replace(first, points={seq: point for seq, point in first.points.items() if seq != number})
        if damage == "a record that is gone":
            first = replace(first, records={seq: size for seq, size in first.records.items() if seq != number})
    return replace(inventory, chains=(first, *others))


def test_damaged_points_are_not_kept_for_being_the_last_but_for_being_ahead_of_the_clock(history) -> None:
    made = history(last=9, hourly=0, daily=9, weekly=0, monthly=0)
    made.every(HOUR, 4)
    bad = made.take(START + 3 * HOUR, full=True)
    made.take(START + 5 * HOUR, full=True)
    made.every(HOUR, 3, START + 30 * DAY)
    first, damaged, *others = made.inventory().chains
    inventory = replace(made.inventory(), chains=(first, replace(damaged, objects={}), *others))
    assert plan(inventory, made.rule, START + 60 * DAY).damaged_kept == {}
    assert plan(inventory, made.rule, START).damaged_kept == {bad.name: (AHEAD,)}


def test_a_chain_that_was_begun_after_the_one_that_follows_it_has_its_day_too(history) -> None:
    made = history(last=1)
    made.switch("pi2")
    made.take(START)
    made.epoch, made.host, made.last = 1, "pi-ctv", None
    stale = made.take(START + DAY).chain
    assert plan(made.inventory(), made.rule, START + 2 * DAY - SECOND).resting[stale] == "ended less than a day ago"
    assert stale not in plan(made.inventory(), made.rule, START + 2 * DAY).resting


def test_a_chain_whose_name_tells_no_time_is_left_alone(history) -> None:
    made = history(last=1, daily=0, hourly=0, weekly=0, monthly=0)
    made.take(START)
    odd = Chain("000000-by-hand", {0: 1}, {0: 1}, None, {})
    decided = plan(replace(made.inventory(), chains=(odd, *made.inventory().chains)), made.rule, START + 9 * DAY)
    assert decided.resting[odd.name] == "its name tells no time" and decided.freed == ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_whatever_happened_a_plan_cut_anywhere_leaves_only_points_that_restore(history, chance: Any) -> None:
    inventory, rule, now = anything(history, chance)
    decided = plan(inventory, rule, now)
    restorable = {point for chain in inventory.chains for point in chain.whole()}
    keys = [key for freed in decided.freed for key in freed.keys]
    whole = after(inventory, decided)
    for cut in {0, len(keys), *(chance.randint(0, len(keys)) for _ in range(12))}:
        left = after(inventory, decided, cut)
        still = {point for chain in left.chains for point in chain.whole()}
        listed = {point for chain in left.chains for point in chain.points.values()}
        assert listed & restorable == still  # nothing that restored is listed and does not restore any more
        assert set(decided.kept) <= still
        again = after(left, plan(left, rule, now))
        assert again == whole  # the next run finishes what this one began, and nothing else
    for chain in inventory.chains:
        if chain.name in decided.resting:
            assert chain in whole.chains


def anything(history: Any, chance: Any) -> tuple[Inventory, Keep, datetime]:
    """Any history with switches, gaps, clock jumps, damage, a divergence and leftovers, under any rule."""
    numbers = {kind: chance.choice([0, 1, 3]) for kind in ("hourly", "daily", "weekly", "monthly")}
    made = history(last=chance.choice([1, 2, 5]), full_every_days=chance.choice([1, 7, 30]), **numbers)
    now = START
    for _ in range(chance.randint(1, 12)):
        now = made.every(chance.choice([MINUTE, HOUR, 9 * HOUR]), chance.randint(1, 9), now)
        now += chance.choice([0 * DAY, 9 * DAY, 40 * DAY, -5 * HOUR])
        if chance.random() < 0.3:
            made.switch(chance.choice(["pi2", "pi-ctv"]))
        elif chance.random() < 0.3:
            made.take(now, full=True)
    inventory = made.inventory(*chance.sample([point.name for point in made.points], 1))
    for damage in ("a record that cannot be read", "a record that is gone", "an object cut short"):
        first = inventory.chains[0]
        if chance.random() < 0.3 and len(first.points) > 1:
            inventory = broken(inventory, damage, chance.choice(sorted(first.points)[1:]))
    leftover = chance.choice(inventory.chains)
    more = replace(leftover, objects={**leftover.objects, max(leftover.records) + 1: 9})
    inventory = replace(inventory, chains=tuple(more if chain is leftover else chain for chain in inventory.chains))
    return inventory, made.rule, now + chance.choice([0 * DAY, DAY, 400 * DAY, -3 * DAY])


@pytest.mark.parametrize("seq", [MOST_CHANGES - 1, MOST_CHANGES])
def test_a_chain_ends_when_it_has_as_many_changes_as_one_may_have(history, seq: int) -> None:
    last = history().take(START)
    assert outlived(replace(last, seq=seq), Keep(), START) == (seq == MOST_CHANGES)


@pytest.mark.parametrize(
    ("rule", "begun", "ends"),
    [
        (Keep(), datetime(2026, 11, 3, 14, 0, tzinfo=UTC), datetime(2026, 11, 10, 3, 0, tzinfo=UTC)),
        (Keep(), datetime(2026, 11, 3, 3, 0, tzinfo=UTC), datetime(2026, 11, 10, 3, 0, tzinfo=UTC)),
        (Keep(full_every_days=1), datetime(2026, 11, 3, 2, 0, tzinfo=UTC), datetime(2026, 11, 4, 2, 0, tzinfo=UTC)),
        (
            Keep(zone="America/New_York"),
            datetime(2026, 11, 3, 14, 0, tzinfo=UTC),
            datetime(2026, 11, 10, 8, 0, tzinfo=UTC),
        ),
    ],
    ids=["in the night before a week is over", "at three", "a day and no less", "at three in its own time zone"],
)
def test_a_chain_ends(history, rule: Keep, begun: datetime, ends: datetime) -> None:
    last = history().take(begun)
    assert not outlived(last, rule, ends - SECOND)
    assert outlived(last, rule, ends)


def test_a_clock_that_was_set_back_ends_no_chain(history) -> None:
    assert not outlived(history().take(START), Keep(), START - 400 * DAY)
