"""From the text of a cell to whom it means, per distinct text: fixing one name is one update, and instant everywhere.

Order for a bill code: alias of the whole text; its parts, each by alias or name, together a customer; else unresolved.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from bookedbiz.names.billcode import BillCode, Noise, parse_bill_code
from bookedbiz.names.people import sales_person_name
from bookedbiz.names.text import name_key


def load_noise(db: sqlite3.Connection) -> Noise:
    """The noise phrases of the ledger."""
    phrases: dict[str, list[str]] = {"anywhere": [], "customer": []}
    for phrase, part in db.execute("SELECT phrase, part FROM noise_phrase ORDER BY id"):
        phrases[part].append(phrase)
    return Noise(phrases["anywhere"], phrases["customer"])


@dataclass(frozen=True)
class KnownNames:
    """What the ledger knows, by key. Names of agencies and advertisers stand with their aliases."""

    noise: Noise
    by_bill_code: Mapping[str, int]
    agencies: Mapping[str, str]
    advertisers: Mapping[str, str]
    customers: Mapping[str, int]

    def customer_of(self, raw: str, parsed: BillCode) -> int | None:
        """The customer's id; None while nobody has said who it is."""
        whole = self.by_bill_code.get(name_key(raw))
        if whole is not None:
            return whole
        if not parsed.readable:
            return None
        agencies = [self.agencies.get(name_key(agency)) for agency in parsed.agencies]
        customer = self.advertisers.get(name_key(parsed.customer))
        if customer is None or None in agencies:
            return None
        return self.customers.get(name_key(":".join([*(agency or "" for agency in agencies), customer])))


def load_names(db: sqlite3.Connection) -> KnownNames:
    """Everything that bill codes are resolved with."""
    became = _merged(db)
    return KnownNames(
        noise=load_noise(db),
        by_bill_code=_followed(
            _ids(db, "SELECT key, customer_id FROM alias WHERE kind = 'bill_code' AND active"), became
        ),
        agencies=_agencies(db),
        advertisers=_names(
            db,
            """SELECT key, name FROM advertiser
               UNION ALL SELECT alias.key, advertiser.name FROM alias JOIN advertiser ON advertiser.id = advertiser_id
               WHERE alias.active""",
        ),
        customers=_followed(_ids(db, "SELECT key, id FROM customer"), became),
    )


def resolve_bill_codes(db: sqlite3.Connection) -> int:
    """Look every bill code up again; how many now mean somebody else than before, or somebody at last."""
    names = load_names(db)
    changed = []
    for bill_code_id, raw, customer_id in db.execute("SELECT id, raw, customer_id FROM bill_code").fetchall():
        found = names.customer_of(raw, parse_bill_code(raw, names.noise))
        if found != customer_id:
            changed.append((found, bill_code_id))
    db.executemany("UPDATE bill_code SET customer_id = ? WHERE id = ?", changed)
    return len(changed)


def agency_name(db: sqlite3.Connection, text: str) -> str:
    """The name of the agency that a text means, by name, alias or merge; the text itself when it means none."""
    return _agencies(db).get(name_key(text), text)


def load_aes(db: sqlite3.Connection) -> dict[str, int]:
    """Account executives by key, aliases included."""
    return _ids(db, "SELECT key, id FROM ae UNION ALL SELECT key, ae_id FROM alias WHERE kind = 'ae' AND active")


def resolve_sales_persons(db: sqlite3.Connection) -> int:
    """Look every sales person's text up again; how many now mean somebody else than before."""
    aes = load_aes(db)
    changed = []
    for person_id, raw, ae_id in db.execute("SELECT id, raw, ae_id FROM sales_person").fetchall():
        found = aes.get(name_key(sales_person_name(raw)))
        if found != ae_id:
            changed.append((found, person_id))
    db.executemany("UPDATE sales_person SET ae_id = ? WHERE id = ?", changed)
    return len(changed)


def _agencies(db: sqlite3.Connection) -> dict[str, str]:
    """Names by key and by alias; a merged agency goes by the name of the one it became."""
    rows = db.execute("SELECT id, key, name, merged_into_id FROM agency").fetchall()
    names, into = {row[0]: str(row[2]) for row in rows}, {row[0]: row[3] for row in rows}

    def end(agency_id: int) -> str:
        seen = {agency_id}
        while into[agency_id] is not None and into[agency_id] not in seen:
            agency_id = into[agency_id]
            seen.add(agency_id)
        return names[agency_id]

    known = {str(row[1]): end(row[0]) for row in rows}
    aliases = db.execute("SELECT key, agency_id FROM alias WHERE kind = 'agency' AND active")
    return known | {str(key): end(agency_id) for key, agency_id in aliases}


def _merged(db: sqlite3.Connection) -> dict[int, int]:
    """What each merged customer became in the end."""
    into = {
        int(source): int(target)
        for source, target in db.execute("SELECT id, merged_into_id FROM customer WHERE merged_into_id IS NOT NULL")
    }
    ends = {}
    for source in into:
        end, seen = source, {source}
        while end in into and into[end] not in seen:
            end = into[end]
            seen.add(end)
        ends[source] = end
    return ends


def _followed(ids: dict[str, int], became: Mapping[int, int]) -> dict[str, int]:
    return {key: became.get(customer_id, customer_id) for key, customer_id in ids.items()}


def _ids(db: sqlite3.Connection, sql: str) -> dict[str, int]:
    return {key: int(value) for key, value in db.execute(sql)}


def _names(db: sqlite3.Connection, sql: str) -> dict[str, str]:
    return {key: str(value) for key, value in db.execute(sql)}
