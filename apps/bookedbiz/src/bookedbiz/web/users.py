"""The people who may come in, for administrators: list, add, change role and AE, password, switch off."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.users import NewUser, Role, create_user, find_user, list_users, set_password
from bookedbiz.users_changing import set_active, set_role
from bookedbiz.web.context import database, writing
from bookedbiz.web.roles import ADMIN, only
from station_kit.environment import Secret

blueprint = Blueprint("users", __name__, url_prefix="/users")


@blueprint.get("/")
@only(ADMIN)
def everybody() -> str:
    """Who may come in, and as what?"""
    db = database()
    aes = db.execute("SELECT id, name FROM ae WHERE active ORDER BY name").fetchall()
    return render_template(
        "users.html",
        users=list_users(db),
        aes=aes,
        ae_names={ae["id"]: ae["name"] for ae in db.execute("SELECT id, name FROM ae")},
        roles=[role.value for role in Role],
    )


@blueprint.post("/")
@only(ADMIN)
def add() -> ResponseReturnValue:
    """Make a user; without a password they come in by Tailscale alone."""
    form = request.form
    password = Secret(form["password"]) if form.get("password") else None
    new = NewUser(
        form.get("email", ""), _role(), form.get("first_name", "").strip(), form.get("last_name", "").strip(), password
    )
    with writing() as (db, by):
        user = create_user(db, new, by)
        set_role(db, user.id, user.role, _ae_id(), by)
    return _done(f"{user.email} can come in now.")


@blueprint.post("/<int:user_id>/role")
@only(ADMIN)
def change_role(user_id: int) -> ResponseReturnValue:
    """Change what somebody may do, and whose book is theirs."""
    with writing() as (db, by):
        set_role(db, user_id, _role(), _ae_id(), by)
    return _done("Role changed.")


@blueprint.post("/<int:user_id>/active")
@only(ADMIN)
def change_active(user_id: int) -> ResponseReturnValue:
    """Switch somebody off, or on again."""
    active = request.form.get("active") == "1"
    with writing() as (db, by):
        set_active(db, user_id, by, active=active)
    return _done("Switched on." if active else "Switched off; their sessions have ended.")


@blueprint.post("/<int:user_id>/password")
@only(ADMIN)
def change_password(user_id: int) -> ResponseReturnValue:
    """Give somebody a new password; sessions of the old one end."""
    with writing() as (db, by):
        user = find_user(db, user_id)
        if user is None:
            abort(404)
        set_password(db, user.email, Secret(request.form.get("password", "")), by)
    return _done(f"{user.email} has a new password; their sessions have ended.")


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(422)


def _ae_id() -> int | None:
    text = request.form.get("ae_id", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _done(words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("users.everybody"))
