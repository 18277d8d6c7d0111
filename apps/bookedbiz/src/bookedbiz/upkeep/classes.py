"""Regular, irregular or political: said of a customer by hand, else by its sector. Audited, and taken back at will."""

import json
import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit

VERB: Final = "customer class"


class Class(StrEnum):
    """Political: of an election. Irregular: money that came once. Regular: all the rest."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    POLITICAL = "political"


def set_class(db: sqlite3.Connection, customer_ids: Iterable[int], wanted: Class | None, by: By) -> int:
    """Say the class of some customers, in the caller's transaction; how many that changed.

    None: what their sector says. Refused when it would change none of them.
    """
    changed = 0
    for customer_id in dict.fromkeys(customer_ids):
        row = db.execute("SELECT name, class FROM customer WHERE id = ?", (customer_id,)).fetchone()
        if row is None:
            raise BookedBizError(f"Nothing changed: there is no customer {customer_id}")
        if row["class"] == wanted:
            continue
        db.execute("UPDATE customer SET class = ? WHERE id = ?", (wanted and wanted.value, customer_id))
        undo = json.dumps({"verb": VERB, "customer": customer_id, "class": row["class"]})
        told = (row["class"] or "by sector", wanted.value if wanted else "by sector")
        write_audit(db, by, Deed("customer_class", row["name"], *told, undo))
        changed += 1
    if not changed:
        raise Refused("Nothing changed: no customer was chosen, or all are of that class already")
    return changed
