"""Take a line of the audit back: once, audited itself, and only while what it did is still there."""

import json
import sqlite3

from bookedbiz.errors import Refused
from bookedbiz.languages import rules
from bookedbiz.names import agencies, deeds
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.resolve import resolve_bill_codes, resolve_sales_persons
from bookedbiz.upkeep import classes, codes
from bookedbiz.upkeep.classes import Class


def undo_deed(db: sqlite3.Connection, audit_id: int, by: By) -> str:
    """What was taken back, in words; in the caller's transaction. Refused when it cannot be."""
    line = db.execute("SELECT action, key, old, new, extra FROM audit WHERE id = ?", (audit_id,)).fetchone()
    if line is None or not line["extra"] or "verb" not in json.loads(line["extra"]):
        raise Refused(f"Nothing taken back: line {audit_id} of the audit holds nothing to take back")
    if audit_id in undone(db):
        raise Refused(f"Nothing taken back: {line['action']} of {line['key']} was taken back before")
    try:
        _run(db, json.loads(line["extra"]), by)
    except sqlite3.IntegrityError as why:
        raise Refused(f"Nothing taken back: {line['key']} is in use by now ({why})") from why
    words = f"{line['action'].replace('_', ' ')} of {line['key']}"
    deed = Deed("undo", line["key"], line["new"], line["old"], json.dumps({"undoes": audit_id}))
    write_audit(db, by, deed)
    return words


def undone(db: sqlite3.Connection) -> set[int]:
    """The lines of the audit that were taken back."""
    rows = db.execute("SELECT extra FROM audit WHERE action = 'undo' AND extra IS NOT NULL")
    return {int(json.loads(extra)["undoes"]) for (extra,) in rows if extra.startswith('{"undoes"')}


def _run(db: sqlite3.Connection, told: dict[str, object], by: By) -> None:
    verb = told["verb"]
    number = {name: int(value) for name, value in told.items() if isinstance(value, int)}
    if verb == "split":
        deeds.split(db, number["customer"], by, active=bool(number["active"]))
    elif verb == "merge":
        deeds.merge(db, number["customer"], number["into"], by)
    elif verb == "rename":
        deeds.rename(db, number["customer"], str(told["name"]), by)
    elif verb in ("deactivate", "reactivate"):
        deeds.set_customer_active(db, number["customer"], "taken back", by, active=verb == "reactivate")
    elif verb in ("dismiss", "restore"):
        deeds.dismiss(db, number["bill_code"], by, dismissed=verb == "dismiss")
    elif verb == "drop alias":
        db.execute("DELETE FROM alias WHERE id = ?", (number["alias"],))
        resolve_bill_codes(db)
        resolve_sales_persons(db)
    elif verb == "drop customer":
        db.execute("UPDATE bill_code SET customer_id = NULL WHERE customer_id = ?", (number["customer"],))
        db.execute("DELETE FROM customer WHERE id = ?", (number["customer"],))
        resolve_bill_codes(db)
    elif not agencies.take_back(db, told, by) and not _run_upkeep(db, told, by):
        raise Refused(f"Nothing taken back: this release does not know {verb!r}")


def _run_upkeep(db: sqlite3.Connection, told: dict[str, object], by: By) -> bool:
    """Whether it was one of languages, codes and classes."""
    verb = told["verb"]
    number = {name: int(value) for name, value in told.items() if isinstance(value, int)}
    if verb == rules.VERB:
        code = None if told["code"] is None else str(told["code"])
        rules.set_language(db, number["bill_code"], number["language"], code, by)
    elif verb == codes.VERB:
        codes.wait_again(db, str(told["kind"]), number["code"], by)
    elif verb == classes.VERB:
        wanted = None if told["class"] is None else Class(str(told["class"]))
        classes.set_class(db, [number["customer"]], wanted, by)
    else:
        return False
    return True
