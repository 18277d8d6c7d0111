"""May a host run an app's processes: every row of the table in docs/architecture.md."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from station.cluster.guarding import Fence, NotAsked, by_agent, judge
from station.cluster.lease import Holding
from station.cluster.roles import Facts

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SERVED = Facts("pi-ctv", is_named_primary=True, epoch=3, complete=True, remains=True)
BLANK = Facts("pi-ctv", is_named_primary=True, epoch=None, complete=False, remains=False, fresh=True)
OURS = Holding(3, "pi-ctv", "n", AT, "first start")
THEIRS = Holding(4, "pi2", "n", AT, "failover")
AWAY = NotAsked("the line is cut")
FREE = Fence()

TABLE = {
    "ours, of the epoch in place": (SERVED, OURS, FREE, True),
    "ours, told to stop a moment ago": (SERVED, OURS, Fence(3, 3), False),
    "ours, told to stop long ago": (SERVED, OURS, Fence(None, 3), True),
    "ours, told to stop in an earlier epoch": (SERVED, OURS, Fence(2, 2), True),
    "ours, of a later epoch": (SERVED, replace(OURS, epoch=5), FREE, False),
    "ours, the database gone": (replace(SERVED, complete=False, remains=False), OURS, FREE, False),
    "another's": (SERVED, THEIRS, FREE, False),
    "nobody's, a blank host that shall begin": (BLANK, None, FREE, True),
    "nobody's, a blank host that shall not": (replace(BLANK, is_named_primary=False), None, FREE, False),
    "nobody's, the store was emptied": (SERVED, None, FREE, True),
    "nobody's, and nothing here": (replace(BLANK, fresh=False), None, FREE, False),
    "away, we served last": (SERVED, AWAY, FREE, True),
    "away, we served last and were told to stop": (SERVED, AWAY, Fence(None, 3), False),
    "away, we served last and the database is gone": (replace(SERVED, complete=False), AWAY, FREE, False),
    "away, we never served": (replace(SERVED, epoch=None), AWAY, FREE, False),
    "away, a blank host that shall begin": (BLANK, AWAY, FREE, False),
}


@pytest.mark.parametrize("row", TABLE)
def test_a_host_serves_when(row: str) -> None:
    facts, lease, fence, serves = TABLE[row]
    found = judge(facts, lease, fence)
    assert found.serves is serves, found.why
    assert found.why


def test_the_agents_word_is_enough_for_the_epoch_in_place_alone() -> None:
    assert by_agent(SERVED, "primary", 3, FREE)
    assert by_agent(SERVED, "primary", 2, FREE) is None
    assert by_agent(SERVED, "standby", 3, FREE) is None
    assert by_agent(SERVED, "primary", 3, Fence(3, 3)) is None
    assert by_agent(replace(SERVED, complete=False), "primary", 3, FREE) is None
