"""Freeing what the rule does not keep. Killed at any moment it leaves objects without a record, never the other way."""

from collections.abc import Iterable
from datetime import datetime

from station.fleet import Keep
from station.points.inventory import Steps, Stocktaking, finish, take_inventory
from station.points.point import DatabaseId
from station.points.publish import StillOurs
from station.points.retention import Freed, Plan, plan
from station.stores.store import Store

LOOK_EVERY = 200  # objects between two looks at the lease


def prune(store: Store, identity: DatabaseId, rule: Keep, now: datetime, still_ours: StillOurs) -> Plan:
    """Free what may go and say what it was. StoreError; LeaseLost from `still_ours`: what went before that is gone."""
    decided = plan(take_inventory(store, identity), rule, now)
    finish(free(store, decided.freed, still_ours))
    return decided


def pruning(stock: Stocktaking, store: Store, rule: Keep, now: datetime, still_ours: StillOurs) -> Steps[Plan]:
    """As `prune`, one small step at a time."""
    inventory = yield from stock.steps()
    decided = plan(inventory, rule, now)
    yield from free(store, decided.freed, still_ours)
    return decided


def free(store: Store, decided: Iterable[Freed], still_ours: StillOurs) -> Steps[None]:
    """Delete what a plan frees, in its order: a point goes before the object it needs, and after those that need it.

    `still_ours` raises LeaseLost when this is no longer ours to do.
    """
    for freed in decided:
        for place, key in enumerate(freed.keys):
            if place % LOOK_EVERY == 0:
                still_ours()
            store.delete(key)
            yield
