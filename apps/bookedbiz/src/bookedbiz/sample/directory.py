"""The made-up station's names in the ledger: what a clerk would have entered before the first import."""

import sqlite3
from collections.abc import Iterable

from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae, create_customer
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.sample.world import Customer, Size, aes_of


def enter_names(db: sqlite3.Connection, world: Iterable[Customer], size: Size, by: By) -> None:
    """Enter account executives and the customers that are known, in the caller's transaction. Again changes nothing."""
    for name in aes_of(size):
        create_ae(db, name, by)
    for customer in world:
        if customer.known:
            create_customer(db, customer.bill_code, by, sector=customer.sector)
    resolve_bill_codes(db)
