"""The people who may log in: made, found, and known by an argon2 hash of their password. Writes are audited."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bookedbiz.errors import BookedBizError
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.environment import Secret

SHORTEST_PASSWORD = 10
FIRST_ADMIN = "admin@bookedbiz.example"  # as `first_admin` of app.toml says
_HASHER = PasswordHasher()
_COLUMNS = "id, email, first_name, last_name, role, ae_id, active, created_at, last_login_at"


class Role(StrEnum):
    """What somebody may do, from most to least."""

    ADMIN = "admin"
    MANAGEMENT = "management"
    AE = "ae"
    VIEWER = "viewer"


@dataclass(frozen=True)
class User:
    """One person. The password hash never leaves this module."""

    id: int
    email: str
    first_name: str
    last_name: str
    role: Role
    ae_id: int | None
    active: bool
    created_at: str
    last_login_at: str | None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class NewUser:
    """Who is to be made. `password` None: cannot log in by password yet. `ae`: the account executive they are."""

    email: str
    role: Role
    first_name: str = ""
    last_name: str = ""
    password: Secret | None = None
    ae: str | None = None


def create_user(db: sqlite3.Connection, new: NewUser, by: By) -> User:
    """Make a user, in the caller's transaction. BookedBizError when the e-mail is taken or something makes no sense."""
    email = new.email.strip()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise BookedBizError(f"User not created: {new.email!r} is no e-mail address")
    if find_user_by_email(db, email):
        raise BookedBizError(f"User not created: {email} exists already", "Change the password with: users passwd")
    row = db.execute(
        """INSERT INTO user (email, first_name, last_name, role, ae_id, password_hash, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            email,
            new.first_name,
            new.last_name,
            new.role.value,
            _ae_id(db, new.ae),
            _hash(new.password) if new.password else None,
            by.at,
        ),
    ).fetchone()
    write_audit(db, by, Deed("user_create", email, None, new.role.value))
    return _require(db, int(row[0]))


def find_user(db: sqlite3.Connection, user_id: int) -> User | None:
    """The user with that id, active or not."""
    return _user(db.execute(f"SELECT {_COLUMNS} FROM user WHERE id = ?", (user_id,)).fetchone())  # noqa: S608 - constant


def find_user_by_email(db: sqlite3.Connection, email: str) -> User | None:
    """The user with that e-mail, whatever its case, active or not."""
    sql = f"SELECT {_COLUMNS} FROM user WHERE email = ?"  # noqa: S608 - constant
    return _user(db.execute(sql, (email.strip(),)).fetchone())


def list_users(db: sqlite3.Connection) -> list[User]:
    """Everybody, by e-mail."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM user ORDER BY email").fetchall()  # noqa: S608 - constant
    return [user for row in rows if (user := _user(row)) is not None]


def verify_password(db: sqlite3.Connection, email: str, password: Secret) -> User | None:
    """The active user whose password this is, else None; both take the same time. Writes nothing."""
    row = db.execute("SELECT id, password_hash, active FROM user WHERE email = ?", (email.strip(),)).fetchone()
    stored = row[1] if row and row[1] else _nobodys_hash()
    try:
        _HASHER.verify(stored, password.reveal())
    except (VerificationError, InvalidHashError):
        return None
    if stored == _nobodys_hash() or not row[2]:
        return None
    return find_user(db, int(row[0]))


def set_password(db: sqlite3.Connection, email: str, password: Secret, by: By) -> None:
    """Give the user a new password, in the caller's transaction. BookedBizError when there is no such user."""
    user = find_user_by_email(db, email)
    if user is None:
        raise BookedBizError(f"Password not set: there is no user {email}", "See: bookedbiz users list")
    db.execute("UPDATE user SET password_hash = ? WHERE id = ?", (_hash(password), user.id))
    write_audit(db, by, Deed("user_password", user.email))


def record_login(db: sqlite3.Connection, user_id: int, at: str) -> None:
    """Remember the moment of a login."""
    db.execute("UPDATE user SET last_login_at = ? WHERE id = ?", (at, user_id))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Verified against when there is no such user, so that the answer takes as long and tells nobody who exists."""
    return _HASHER.hash("nobody has this password")


def _hash(password: Secret) -> str:
    if len(password.reveal()) < SHORTEST_PASSWORD:
        raise BookedBizError(f"Password not set: it is shorter than {SHORTEST_PASSWORD} characters")
    return _HASHER.hash(password.reveal())


def _ae_id(db: sqlite3.Connection, name: str | None) -> int | None:
    if name is None:
        return None
    row = db.execute("SELECT id FROM ae WHERE name = ? COLLATE NOCASE", (name,)).fetchone()
    if row is None:
        raise BookedBizError(f"User not created: there is no account executive {name!r}")
    return int(row[0])


def _require(db: sqlite3.Connection, user_id: int) -> User:
    user = find_user(db, user_id)
    assert user is not None
    return user


def _user(row: sqlite3.Row | None) -> User | None:
    if row is None:
        return None
    user_id, email, first_name, last_name, role, ae_id, active, created_at, last_login_at = row
    return User(user_id, email, first_name, last_name, Role(role), ae_id, bool(active), created_at, last_login_at)
