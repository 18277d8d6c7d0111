"""Programs that show a token: who they are, instead of a session. Wrong tokens are counted like wrong passwords."""

import logging
import sqlite3

from flask import Flask, current_app, g, request
from flask_login import UserMixin
from flask_wtf.csrf import CSRFProtect

from pivision import tokens
from pivision.ingest.refusals import Refusal
from pivision.tokens import Bearer
from pivision.web.context import context, database, now, writing

_PLACE = "/api/v1/admin/"
_SCHEME = "bearer "
_log = logging.getLogger(__name__)


class Program(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A program that acts for a person."""

    def __init__(self, bearer: Bearer) -> None:
        self.name, self.role = bearer.user.name, bearer.role
        self.who = f"{bearer.user.name} ({bearer.name})"  # for the audit


def install(app: Flask) -> None:
    """Before the guard: know the program whose token came, and refuse a wrong one."""
    app.before_request(_meet)


def install_forms(app: Flask) -> None:
    """After the guard: what a session changes needs the form's token, which no other site has.

    A program sends no cookie that a browser would add by itself: nobody can be made to send its token.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    forms = CSRFProtect(app)

    def check() -> None:
        if current_app.config["WTF_CSRF_ENABLED"] and program() is None:
            forms.protect()

    app.before_request(check)


def shows_token() -> bool:
    """Whether this request comes with a token: then no session counts beside it."""
    header = request.headers.get("Authorization", "")
    return request.path.startswith(_PLACE) and header[: len(_SCHEME)].lower() == _SCHEME


def program(_: object = None) -> Program | None:
    """The program that asks; None when it is a browser, or nobody."""
    found: Program | None = g.get("program")
    return found


def _meet() -> None:
    if not shows_token():
        return
    text = request.headers["Authorization"][len(_SCHEME) :].strip()
    bearer = tokens.whose(database(), text, now())
    if bearer is None:
        raise _refusal(text)
    if bearer.stale:
        _remember(bearer)
    g.program = Program(bearer)


def _refusal(text: str) -> Refusal:
    """A right token is let in however many wrong ones came from its address: 256 bits are not guessed."""
    attempts, address, name = context().token_attempts, request.remote_addr or "", text[:20]
    wait_s = attempts.wait_s(address, name)
    if wait_s:
        return Refusal(429, "too_many_failures", "Too many wrong tokens from there", retry_after_s=wait_s)
    attempts.failed(address, name)
    _log.warning("token refused address=%s", address)
    return Refusal(401, "token_unknown", "This token is not valid: it is wrong, revoked, or its person switched off")


def _remember(bearer: Bearer) -> None:
    """A database that cannot be written to keeps nobody out."""
    try:
        with writing() as db:
            tokens.used(db, bearer, now())
    except sqlite3.Error as why:
        _log.warning("use of a token not noted person=%s why=%s", bearer.user.name, why)
