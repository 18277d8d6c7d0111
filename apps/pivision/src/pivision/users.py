"""People who may look, and those who may change things: passwords hashed with argon2."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from pivision.devices.audit import By, note
from pivision.errors import PiVisionError
from pivision.moments import utc_text
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction

SHORTEST_PASSWORD = 10  # characters; length is what makes guessing long
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")  # so that an unknown name takes as long as a wrong password


class BadUser(PiVisionError):
    """An account that cannot be made or changed so."""

    exit_code = 2


class Role(StrEnum):
    """A viewer looks; an admin changes things, too."""

    ADMIN = "admin"
    VIEWER = "viewer"


@dataclass(frozen=True)
class User:
    """An account. `password_hash` changes with the password, and ends the sessions of before."""

    id: int
    name: str
    role: Role
    active: bool
    password_hash: str
    last_login_at: str | None


def add(db: sqlite3.Connection, name: str, role: Role, password: Secret, by: By) -> User:
    """A new account. BadUser when the name is taken or empty, or the password short."""
    wanted = name.strip()
    if not wanted or len(wanted) > 64 or not wanted.isprintable():
        raise BadUser("User not added: the name is no text of 1 to 64 characters")
    _require_length(password)
    with transaction(db):
        if db.execute("SELECT 1 FROM user WHERE name = ?", (wanted,)).fetchone():
            raise BadUser(f"User {wanted} not added: there is one", f"A new password: pivision users passwd {wanted}")
        db.execute(
            "INSERT INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)",
            (wanted, role, _hasher.hash(password.reveal()), by.at),
        )
        note(db, by, "user added", wanted, new=role)
    return by_name(db, wanted)


def add_first(db: sqlite3.Connection, name: str, password: Secret, by: By) -> bool:
    """The first account, an admin's. False when there is somebody already: nothing changes."""
    if everybody(db):
        return False
    add(db, name, Role.ADMIN, password, by)
    return True


def set_password(db: sqlite3.Connection, name: str, password: Secret, by: By) -> None:
    """Another password; sessions that began with the old one end. BadUser."""
    found = by_name(db, name)
    _require_length(password)
    with transaction(db):
        db.execute("UPDATE user SET password_hash = ? WHERE id = ?", (_hasher.hash(password.reveal()), found.id))
        note(db, by, "password changed", found.name)


def change(db: sqlite3.Connection, name: str, role: Role, active: bool, by: By) -> None:
    """Another role, on or off. BadUser when nobody would be left who may change things."""
    found = by_name(db, name)
    with transaction(db):
        db.execute("UPDATE user SET role = ?, active = ? WHERE id = ?", (role, int(active), found.id))
        if not db.execute("SELECT 1 FROM user WHERE role = 'admin' AND active = 1").fetchone():
            raise BadUser(f"{found.name} not changed: nobody would be left who may change anything")
        was, now = f"{found.role}{'' if found.active else ', off'}", f"{role}{'' if active else ', off'}"
        note(db, by, "user changed", found.name, old=was, new=now)


def everybody(db: sqlite3.Connection) -> list[User]:
    """All accounts, by name."""
    return [_user(row) for row in db.execute(_SELECT + " ORDER BY name")]


def by_name(db: sqlite3.Connection, name: str) -> User:
    """The account of that name, whatever its case. BadUser."""
    row = db.execute(_SELECT + " WHERE name = ?", (name.strip(),)).fetchone()
    if row is None:
        raise BadUser(f"There is no user {name}", "See: pivision users list")
    return _user(row)


def by_id(db: sqlite3.Connection, user_id: int) -> User | None:
    """The account of that number."""
    row = db.execute(_SELECT + " WHERE id = ?", (user_id,)).fetchone()
    return None if row is None else _user(row)


def who_signs_in(db: sqlite3.Connection, name: str, password: Secret) -> User | None:
    """The active account that name and password belong to; None takes as long."""
    row = db.execute(_SELECT + " WHERE name = ? AND active = 1", (name.strip(),)).fetchone()
    try:
        _hasher.verify(row["password_hash"] if row else _NOBODY, password.reveal())
    except (VerifyMismatchError, InvalidHashError):
        return None
    return None if row is None else _user(row)


def signed_in(db: sqlite3.Connection, user: User, now: datetime) -> None:
    """Note the moment."""
    db.execute("UPDATE user SET last_login_at = ? WHERE id = ?", (utc_text(now), user.id))


def _require_length(password: Secret) -> None:
    if len(password.reveal()) < SHORTEST_PASSWORD:
        raise BadUser(f"Password not taken: it has fewer than {SHORTEST_PASSWORD} characters")


def _user(row: sqlite3.Row) -> User:
    return User(
        row["id"], row["name"], Role(row["role"]), bool(row["active"]), row["password_hash"], row["last_login_at"]
    )


_SELECT = "SELECT id, name, role, active, password_hash, last_login_at FROM user"
