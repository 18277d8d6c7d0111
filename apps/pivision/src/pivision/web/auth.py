"""Sign in with a name and a password; a session ends when the password changes."""

import hashlib
import logging
import sqlite3

from flask import Blueprint, Flask, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from pivision import users
from pivision.api import bearer
from pivision.users import User
from pivision.web.context import context, database, now, writing
from pivision.web.roles import EVERYBODY, SIGNED_IN, only
from station_kit.environment import Secret
from station_pages.addresses import local_path

LONGEST_PASSWORD = 1024  # argon2 hashes all of it: a longer one is only a way to keep the processor busy

blueprint = Blueprint("auth", __name__)

_log = logging.getLogger(__name__)


class Person(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """Who is signed in."""

    def __init__(self, user: User) -> None:
        self.name, self.role, self.who = user.name, user.role, user.name
        # changes with the password, and tells nothing about it: the session cookie can be read by its owner
        seal = hashlib.sha256(f"session:{user.id}:{user.password_hash}".encode()).hexdigest()[:16]
        self._kept = f"{user.id}:{seal}"

    def get_id(self) -> str:
        """What the session keeps."""
        return self._kept


def install(app: Flask) -> None:
    """Let the application know its people."""
    manager = LoginManager(app)
    manager.session_protection = None  # it compares addresses, and a phone changes its own
    manager.user_loader(load_person)
    manager.request_loader(bearer.program)


def load_person(kept: str) -> Person | None:
    """The person of a session; None when the account is gone, switched off, or has another password now."""
    if bearer.shows_token():
        return None
    number = kept.partition(":")[0]
    user = users.by_id(database(), int(number)) if number.isascii() and number.isdigit() else None
    if user is None or not user.active:
        return None
    person = Person(user)
    return person if person.get_id() == kept else None


@blueprint.route("/sign-in", methods=["GET", "POST"])
@only(EVERYBODY)
def sign_in() -> ResponseReturnValue:
    """The form, and what comes of it."""
    target = local_path(request.values.get("next", ""), url_for("dashboard.page"))
    if request.method == "GET":
        return redirect(target) if current_user.is_authenticated else _form(target)
    name = request.form.get("name", "").strip()[:64].strip()  # cut behind blanks it would count as another name
    attempts, address = context().attempts, request.remote_addr or ""
    wait_s = attempts.wait_s(address, name)
    if wait_s:
        answer = make_response(_form(target, name, f"Too many tries. Wait {-(-wait_s // 60)} minutes."), 429)
        answer.headers["Retry-After"] = str(wait_s)
        return answer
    user = users.who_signs_in(database(), name, Secret(request.form.get("password", "")[:LONGEST_PASSWORD]))
    if user is None:
        attempts.failed(address, name)
        _log.warning("sign-in refused address=%s", address)  # no name: some type their password there
        return _form(target, name, "This name and password do not belong together."), 401
    attempts.succeeded(address, name)
    session.clear()  # nothing of before the sign-in lives on in the session
    session.permanent = True
    login_user(Person(user))
    _remember(user)
    return redirect(target)


@blueprint.post("/sign-out")
@only(SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


def _form(target: str, name: str = "", problem: str = "") -> str:
    nobody = not users.everybody(database())
    return render_template("sign-in.html", target=target, name=name, problem=problem, nobody=nobody)


def _remember(user: User) -> None:
    """Note the moment; a database that cannot be written to keeps nobody out."""
    try:
        with writing() as db:
            users.signed_in(db, user, now())
    except sqlite3.Error as why:
        _log.warning("sign-in not noted user=%s why=%s", user.name, why)
