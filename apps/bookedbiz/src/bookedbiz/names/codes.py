"""The ids of markets, languages, revenue types and spot types: by code or synonym; new ones are pending."""

import sqlite3
from typing import Literal

from bookedbiz.names.text import name_key

Kind = Literal["market", "language", "revenue_type", "spot_type"]

_READ: dict[Kind, str] = {
    "market": "SELECT code, id, status FROM market",
    "language": "SELECT code, id, status FROM language",
    "revenue_type": "SELECT name, id, status FROM revenue_type",
    "spot_type": "SELECT code, id, status FROM spot_type",
}
_ADD: dict[Kind, str] = {
    "market": "INSERT INTO market (code, name, status) VALUES (:code, :code, 'pending') RETURNING id",
    "language": """INSERT INTO language (code, name, grp, status) VALUES (:code, :code, 'Unknown', 'pending')
                   RETURNING id""",
    "revenue_type": "INSERT INTO revenue_type (name, status) VALUES (:code, 'pending') RETURNING id",
    "spot_type": "INSERT INTO spot_type (code, name, status) VALUES (:code, :code, 'pending') RETURNING id",
}


class CodeTable:
    """One lookup table, read once; `find` adds what it does not know, in the caller's transaction."""

    def __init__(self, db: sqlite3.Connection, kind: Kind) -> None:
        self._db = db
        self._kind = kind
        self._by_text: dict[str, tuple[int, str]] = {}
        self._found: dict[str, tuple[int, str]] = {}
        for code, code_id, status in db.execute(_READ[kind]):
            self._found[name_key(code)] = (code_id, "" if status == "confirmed" else f"unknown_{kind}")
        synonyms = db.execute("SELECT key, value, review FROM synonym WHERE kind = ?", (kind,))
        for key, value, review in synonyms.fetchall():
            self._found[key] = (self._found[name_key(value)][0], f"legacy_{kind}" if review else "")

    def find(self, text: str | None) -> tuple[int, str]:
        """The id of a cell's text, 0 for an empty one, and the code of the issue it is ('' for none)."""
        if not text:
            return 0, ""
        known = self._by_text.get(text)  # a log has few spellings and many rows
        if known is None:
            known = self._by_text[text] = self._find_or_add(text)
        return known

    def _find_or_add(self, text: str) -> tuple[int, str]:
        key = name_key(text)
        known = self._found.get(key)
        if known is None:
            code_id = self._db.execute(_ADD[self._kind], {"code": text}).fetchone()[0]
            known = self._found[key] = (int(code_id), f"unknown_{self._kind}")
        return known
