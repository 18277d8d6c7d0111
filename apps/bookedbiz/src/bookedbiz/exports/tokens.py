"""Tokens with which a workbook fetches its exports: shown once, kept as a digest, compared in constant time."""

import hashlib
import hmac
import secrets
import sqlite3
from dataclasses import dataclass

from bookedbiz.errors import BookedBizError
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.environment import Secret

SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Token:
    """What is known of a token, which is not the token."""

    name: str
    created_at: str
    created_by: str
    revoked_at: str | None


def new_token(db: sqlite3.Connection, name: str, by: By, *, given: Secret | None = None) -> Secret:
    """Make a token of that name, or let in one that a workbook has already, in the caller's transaction.

    BookedBizError when the name is empty or taken, or the given token so short that it could be guessed.
    """
    name = name.strip()
    if not name:
        raise BookedBizError("Token not made: it has no name", "Name it after the workbook that uses it")
    if any(token.name == name and token.revoked_at is None for token in list_tokens(db)):
        raise BookedBizError(f"Token not made: {name} has one", f"Revoke it first: bookedbiz token revoke {name!r}")
    token = given or Secret(secrets.token_urlsafe(32))
    if len(token.reveal()) < SHORTEST_TOKEN:
        raise BookedBizError(f"Token not made: it is shorter than {SHORTEST_TOKEN} characters")
    db.execute(
        "INSERT INTO export_token (name, digest, created_at, created_by) VALUES (?, ?, ?, ?)",
        (name, _digest(token.reveal()), by.at, by.actor),
    )
    write_audit(db, by, Deed("token_new", name))
    return token


def list_tokens(db: sqlite3.Connection) -> list[Token]:
    """Every token, those that open nothing any more included, oldest first."""
    rows = db.execute("SELECT name, created_at, created_by, revoked_at FROM export_token ORDER BY id")
    return [Token(*row) for row in rows]


def revoke_token(db: sqlite3.Connection, name: str, by: By) -> None:
    """Let it open nothing any more, in the caller's transaction. BookedBizError when there is no such token."""
    done = db.execute(
        "UPDATE export_token SET digest = NULL, revoked_at = ?, revoked_by = ? WHERE name = ? AND revoked_at IS NULL",
        (by.at, by.actor, name.strip()),
    )
    if not done.rowcount:
        raise BookedBizError(f"Token not revoked: there is none of the name {name}", "See: bookedbiz token list")
    write_audit(db, by, Deed("token_revoke", name.strip()))


def any_token(db: sqlite3.Connection) -> bool:
    """Whether there is a token at all that opens the exports."""
    return db.execute("SELECT 1 FROM export_token WHERE digest IS NOT NULL").fetchone() is not None


def opens(db: sqlite3.Connection, text: str) -> bool:
    """Whether that is a token. Takes as long for a near miss as for any other, and looks at all of them."""
    asked = _digest(text)
    found = False
    for (digest,) in db.execute("SELECT digest FROM export_token WHERE digest IS NOT NULL"):
        found |= hmac.compare_digest(asked, digest)
    return found


def _digest(text: str) -> str:
    """A plain hash is enough: what is hashed is random and long, and cannot be found by trying."""
    return hashlib.sha256(text.encode()).hexdigest()
