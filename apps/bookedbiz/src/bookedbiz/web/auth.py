"""Sign in with a password, or as whom the Tailscale daemon names; a session ends when the password changes."""

import hashlib
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, timedelta

from flask import Blueprint, Flask, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from bookedbiz.tailscale import who_is
from bookedbiz.users import Role, User, find_user, find_user_by_email, record_login, verify_password
from bookedbiz.web.context import context, database, now
from bookedbiz.web.roles import EVERYBODY, SIGNED_IN, only
from station_kit.environment import Secret
from station_kit.sqlitefile import open_database, transaction
from station_pages.addresses import local_path

blueprint = Blueprint("auth", __name__)

_log = logging.getLogger(__name__)

TAILSCALE_SESSION = timedelta(hours=24)
LONGEST_PASSWORD = 1024  # argon2 hashes all of it: a longer one is only a way to keep the processor busy


class Person(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """Who is signed in."""

    def __init__(self, user: User, seal: str) -> None:
        self.user_id = user.id
        self.name = user.name or user.email
        self.email = user.email
        self.role = user.role
        self.ae_id = user.ae_id
        self._seal = seal

    def get_id(self) -> str:
        """What the session keeps: who, and a mark of the password they came in with."""
        return f"{self.user_id}:{self._seal}"

    @property
    def only_ae_id(self) -> int | None:
        """The AE whose business alone this person may see; None for everybody's. An AE without a book sees nothing."""
        if self.role is not Role.AE:
            return None
        return self.ae_id if self.ae_id is not None else -1


def install(app: Flask) -> None:
    """Let the application know its people."""
    manager = LoginManager(app, add_context_processor=False)  # the layout does it, and an error page asks for nobody
    manager.session_protection = None  # it compares addresses, and a phone changes its own
    manager.user_loader(load_person)


def load_person(kept: str) -> Person | None:
    """The person of a session; None when the account is gone, switched off, or has another password now."""
    if session.get("until") is not None and now().timestamp() > session["until"]:
        return None
    user_id = kept.partition(":")[0]
    user = find_user(database(), int(user_id)) if user_id.isascii() and user_id.isdigit() else None
    if user is None or not user.active:
        return None
    person = person_of(user)
    return person if person.get_id() == kept else None


def person_of(user: User) -> Person:
    """That user, as sessions know them."""
    return Person(user, _seal(database(), user.id))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@only(EVERYBODY)
def sign_in() -> ResponseReturnValue:
    """The form, and what comes of it."""
    target = local_path(request.values.get("next", ""), url_for("reports.home"))
    if request.method == "GET":
        return redirect(target) if current_user.is_authenticated else _form(target)
    email = request.form.get("email", "").strip()[:254]
    attempts, address = context().attempts, request.remote_addr or ""
    wait_s = attempts.wait_s(address, email)
    if wait_s:
        answer = make_response(_form(target, email, f"Too many tries. Wait {_minutes(wait_s)} and try again."), 429)
        answer.headers["Retry-After"] = str(wait_s)
        return answer
    password = Secret(request.form.get("password", "")[:LONGEST_PASSWORD])
    user = verify_password(database(), email, password)
    if user is None:
        attempts.failed(address, email)
        return _form(target, email, "This e-mail and password do not belong together."), 401
    attempts.succeeded(address, email)
    session.clear()  # nothing of before the sign-in lives on in the session
    session.permanent = True
    login_user(person_of(user))
    _remember(user)
    return redirect(target)


@blueprint.post("/sign-in/tailscale")
@only(EVERYBODY)
def sign_in_by_tailscale() -> ResponseReturnValue:
    """A session of a day for whom the Tailscale daemon names, if they are a user here."""
    email = tailscale_email()
    user = find_user_by_email(database(), email) if email else None
    target = local_path(request.form.get("next", ""), url_for("reports.home"))
    if user is None or not user.active:
        who = f"{email} is not a user here" if email else "The Tailscale daemon of this machine does not know you"
        return _form(target, problem=f"{who}. Ask an administrator, or sign in with a password."), 403
    session.clear()
    session["until"] = (now() + TAILSCALE_SESSION).timestamp()
    login_user(person_of(user))
    _remember(user)
    return redirect(target)


def tailscale_email() -> str | None:
    """Who the local daemon says this connection's other end is; None when it is not asked, or does not know."""
    daemon = context().settings.tailscale_socket
    if daemon is None:
        return None
    try:  # of the connection itself: what a client says in a header about its address proves nothing
        return who_is(daemon, request.environ.get("REMOTE_ADDR", ""), str(request.environ.get("REMOTE_PORT", "")))
    except OSError as why:
        _log.warning("the Tailscale daemon was not asked who=%s why=%s", request.remote_addr, why)
        return None


@blueprint.post("/sign-out")
@only(SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


def _form(target: str, email: str = "", problem: str = "") -> str:
    return render_template(
        "sign-in.html", target=target, email=email, problem=problem, known_as=tailscale_email() if not problem else None
    )


def _seal(db: sqlite3.Connection, user_id: int) -> str:
    """Changes with the password, and tells nothing about it: the session cookie can be read by its owner."""
    stored = db.execute("SELECT password_hash FROM user WHERE id = ?", (user_id,)).fetchone()[0]
    return hashlib.sha256(f"session:{user_id}:{stored}".encode()).hexdigest()[:16]


def _remember(user: User) -> None:
    """Note the moment of the sign-in; a database that cannot be written to keeps nobody out."""
    if context().read_only:
        return
    at = now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    try:
        with closing(open_database(context().settings.database)) as db, transaction(db):
            record_login(db, user.id, at)
    except sqlite3.Error as why:
        _log.warning("sign-in not noted user=%s why=%s", user.id, why)


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
