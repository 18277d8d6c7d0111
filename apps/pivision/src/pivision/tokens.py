"""Tokens of programs: made for a person, shown once, revoked; what one may is never more than the person may."""

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision import users
from pivision.devices.audit import By, note
from pivision.devices.keys import OF_PROGRAM, digest, lookup_of, new_key
from pivision.moments import utc_text
from pivision.users import BadUser, Role, User
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction

_USED_EVERY_S = 60.0  # how exactly `last_used_at` is kept
_NOTHING = bytes(32)


@dataclass(frozen=True)
class Token:
    """What may be shown of a token that is valid."""

    id: int
    person: str
    name: str
    role: Role
    hint: str
    created_at: str
    last_used_at: str | None


@dataclass(frozen=True)
class Bearer:
    """The person and the token that came with a request. `stale`: that it was used is to be written down."""

    user: User
    token_id: int
    name: str
    role: Role
    stale: bool


def add(db: sqlite3.Connection, person: str, name: str, role: Role, by: By) -> Secret:
    """A token for the person's programs, on its one way to them. BadUser."""
    user, wanted = users.by_name(db, person), name.strip()
    if not wanted or len(wanted) > 64 or not wanted.isprintable():
        raise BadUser("Token not made: its name is no text of 1 to 64 characters", "Name it after what it is for")
    if role is Role.ADMIN and user.role is not Role.ADMIN:
        raise BadUser(f"Token not made: {user.name} may only look, and a token may no more")
    key = new_key(OF_PROGRAM)
    with transaction(db):
        if any(each.name == wanted for each in of(db, user.name)):
            raise BadUser(f"Token not made: {user.name} has one named {wanted}", "Revoke it, or name it differently")
        db.execute(
            "INSERT INTO api_token (user_id, name, role, lookup, digest, hint, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (user.id, wanted, role, key.lookup, key.digest, key.hint, by.at),
        )
        note(db, by, "token made", user.name, new=f"{wanted} …{key.hint}, {role}")
    return key.secret


def of(db: sqlite3.Connection, person: str | None = None) -> list[Token]:
    """The person's, or everybody's, that open anything."""
    rows = db.execute(
        "SELECT api_token.id, user.name AS person, api_token.name, api_token.role, hint, api_token.created_at,"
        " last_used_at FROM api_token JOIN user ON user.id = user_id"
        " WHERE revoked_at IS NULL AND (?1 IS NULL OR user.name = ?1) ORDER BY user.name, api_token.id",
        (person,),
    )
    return [Token(**{**dict(row), "role": Role(row["role"])}) for row in rows]


def revoke(db: sqlite3.Connection, person: str, name: str, by: By) -> None:
    """It opens nothing from now on. BadUser."""
    user = users.by_name(db, person)
    with transaction(db):
        ended = db.execute(
            "UPDATE api_token SET revoked_at = ? WHERE user_id = ? AND name = ? AND revoked_at IS NULL",
            (by.at, user.id, name),
        ).rowcount
        if not ended:
            raise BadUser(f"{user.name} has no token named {name}", "See: pivision users token list")
        note(db, by, "token revoked", user.name, old=name)


def whose(db: sqlite3.Connection, text: str, now: datetime) -> Bearer | None:
    """Who sends this token, and what it may now; None when it is nobody's, or its person is switched off."""
    lookup = lookup_of(text, OF_PROGRAM)
    row = None
    if lookup:
        row = db.execute(
            "SELECT id, user_id, name, role, digest, last_used_at FROM api_token"
            " WHERE lookup = ? AND revoked_at IS NULL",
            (lookup,),
        ).fetchone()
    if not hmac.compare_digest(digest(text), row["digest"] if row else _NOTHING) or row is None:
        return None
    user = users.by_id(db, row["user_id"])
    if user is None or not user.active:
        return None
    stale = utc_text(now - timedelta(seconds=_USED_EVERY_S))
    return Bearer(
        user=user,
        token_id=row["id"],
        name=row["name"],
        role=Role.ADMIN if Role.ADMIN == user.role == row["role"] else Role.VIEWER,
        stale=row["last_used_at"] is None or not stale < row["last_used_at"] <= utc_text(now),
    )


def used(db: sqlite3.Connection, bearer: Bearer, now: datetime) -> None:
    """Note the moment."""
    db.execute("UPDATE api_token SET last_used_at = ? WHERE id = ?", (utc_text(now), bearer.token_id))
