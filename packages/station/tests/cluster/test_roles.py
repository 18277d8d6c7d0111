"""What a host does for every state of the lease and of its own folder: the whole table."""

from datetime import UTC, datetime

import pytest

from station.cluster.lease import Holding
from station.cluster.roles import Facts, Next, decide, forget_epoch, read_epoch, write_epoch

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)


def held_by(host, epoch):
    return Holding(epoch, host, "nonce", NOW, "because") if host else None


# (who is primary, epoch), we are named primary, role.json's epoch, all databases in place, any file of one
TABLE = [
    ((None, 0), True, None, True, True, Next.BEGIN),
    ((None, 0), True, None, False, False, Next.WAIT),
    ((None, 0), False, None, False, False, Next.FOLLOW),
    ((None, 0), False, None, True, True, Next.FOLLOW),
    ((None, 0), False, 5, True, True, Next.BEGIN),
    (("me", 3), True, 3, True, True, Next.SERVE),
    (("me", 3), True, 3, False, False, Next.MISSING),
    (("me", 3), True, 3, False, True, Next.MISSING),
    (("me", 3), False, None, False, False, Next.FINISH),
    (("me", 3), False, None, True, True, Next.FINISH),
    (("me", 3), False, 1, True, True, Next.FINISH),
    (("other", 3), True, 2, True, True, Next.REJOIN),
    (("other", 3), True, 2, False, False, Next.REJOIN),
    (("other", 3), True, None, False, True, Next.REJOIN),
    (("other", 3), True, None, False, False, Next.FOLLOW),
    (("other", 3), False, None, False, False, Next.FOLLOW),
]


# the app makes its own databases at its first start: (who is primary, epoch), named primary, epoch, complete, remains
FRESH = [
    ((None, 0), True, None, False, False, Next.BEGIN),
    ((None, 0), False, None, False, False, Next.FOLLOW),
    (("me", 1), True, None, False, False, Next.FINISH),
    (("me", 1), True, 1, False, True, Next.SERVE),
    (("other", 1), True, 1, False, True, Next.REJOIN),
]


@pytest.mark.parametrize(("held", "named", "epoch", "complete", "remains", "wanted"), FRESH)
def test_an_app_may_make_its_own_databases(held, named, epoch, complete, remains, wanted):
    assert decide(Facts("me", named, epoch, complete, remains, fresh=True), held_by(*held)) is wanted


@pytest.mark.parametrize(("held", "named", "epoch", "complete", "remains", "wanted"), TABLE)
def test_the_lease_says_what_a_host_does(held, named, epoch, complete, remains, wanted):
    facts = Facts("me", named, epoch, complete, remains)
    assert decide(facts, held_by(*held)) is wanted


def test_the_epoch_of_the_database_in_place_is_remembered_and_forgotten(tmp_path):
    assert read_epoch(tmp_path) is None
    write_epoch(tmp_path, 3, NOW)
    assert read_epoch(tmp_path) == 3
    forget_epoch(tmp_path)
    assert read_epoch(tmp_path) is None
