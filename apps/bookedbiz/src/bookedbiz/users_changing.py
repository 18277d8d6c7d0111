"""What an administrator changes about people: role, account executive, whether they may come in. Always audited."""

import sqlite3

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.users import Role, User, find_user


def set_role(db: sqlite3.Connection, user_id: int, role: Role, ae_id: int | None, by: By) -> None:
    """Give the user a role and the account executive they are, in the caller's transaction.

    Refused when nobody would be left to administer; BookedBizError when there is no such user or account executive.
    """
    user = _require(db, user_id)
    if ae_id is not None and not db.execute("SELECT 1 FROM ae WHERE id = ?", (ae_id,)).fetchone():
        raise BookedBizError(f"Role of {user.email} not changed: there is no account executive {ae_id}")
    if role is not Role.ADMIN:
        _require_another_admin(db, user)
    if (role, ae_id) == (user.role, user.ae_id):
        return
    db.execute("UPDATE user SET role = ?, ae_id = ? WHERE id = ?", (role.value, ae_id, user.id))
    deed = Deed("user_role", user.email, _role_words(user.role, user.ae_id), _role_words(role, ae_id))
    write_audit(db, by, deed)


def set_active(db: sqlite3.Connection, user_id: int, by: By, *, active: bool) -> None:
    """Let the user in, or keep them out, in the caller's transaction. Refused for the last administrator."""
    user = _require(db, user_id)
    if not active:
        _require_another_admin(db, user)
    if active == user.active:
        return
    db.execute("UPDATE user SET active = ? WHERE id = ?", (active, user.id))
    write_audit(db, by, Deed("user_active", user.email, _active_words(user.active), _active_words(active)))


def _require_another_admin(db: sqlite3.Connection, user: User) -> None:
    others = db.execute("SELECT count(*) FROM user WHERE role = 'admin' AND active AND id <> ?", (user.id,)).fetchone()[
        0
    ]
    if user.role is Role.ADMIN and user.active and not others:
        raise Refused(f"{user.email} is the last administrator", "Make somebody else an administrator first")


def _require(db: sqlite3.Connection, user_id: int) -> User:
    user = find_user(db, user_id)
    if user is None:
        raise BookedBizError(f"User not changed: there is no user {user_id}")
    return user


def _role_words(role: Role, ae_id: int | None) -> str:
    return role.value if ae_id is None else f"{role.value}, account executive {ae_id}"


def _active_words(active: bool) -> str:
    return "active" if active else "inactive"
