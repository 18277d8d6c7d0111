"""Who may look: one operator account, a password in a file, and nothing open but what is named here."""

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import SecurityError

from station.errors import StationError

OPEN_ENDPOINTS = frozenset({"sign_in", "health", "static"})
"""Everything else needs the operator; a route that is added later is closed until it is named here."""


@dataclass(frozen=True)
class Credentials:
    """The page's secrets. The password is plain text, or an argon2 hash of it."""

    password: str
    secret_key: str

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def mark(self) -> str:
        """Changes with the password, so that a new one signs everybody out."""
        return hashlib.sha256(f"{self.secret_key}{self.password}".encode()).hexdigest()[:32]

    def accept(self, given: str) -> bool:
        if not self.password.startswith("$argon2"):
            return hmac.compare_digest(given.encode(), self.password.encode())
        try:
            return PasswordHasher().verify(self.password, given)
        except (VerificationError, InvalidHashError):
            return False


def read_credentials(folder: Path) -> Credentials:
    """The files `operator_password` and `secret_key`. StationError, naming the file, when one is missing or empty."""
    return Credentials(_secret(folder / "operator_password"), _secret(folder / "secret_key"))


def _secret(file: Path) -> str:
    hint = "`station up` makes both files; or write one line into each, readable for you alone"
    try:
        text = file.read_text().strip()
    except OSError as why:
        raise StationError(f"The page has no {file.name}: {file} cannot be read ({why.strerror})", hint) from why
    if not text:
        raise StationError(f"The page has no {file.name}: {file} is empty", hint)
    return text


class Attempts:
    """Slows down guessing: after `limit` wrong passwords from one address within `window_s`, wait."""

    def __init__(self, limit: int = 5, window_s: float = 60.0, most_addresses: int = 1000) -> None:
        self._limit = limit
        self._window_s = window_s
        self._most_addresses = most_addresses
        self._wrong: dict[str, deque[float]] = {}

    def wait_s(self, address: str, now_s: float) -> float:
        """How long this address has to wait; 0 when it may try."""
        wrong = self._wrong.get(address)
        if wrong is None or len(wrong) < self._limit:
            return 0.0
        return max(0.0, wrong[0] + self._window_s - now_s)

    def failed(self, address: str, now_s: float) -> None:
        if address not in self._wrong and len(self._wrong) >= self._most_addresses:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong.setdefault(address, deque(maxlen=self._limit)).append(now_s)

    def succeeded(self, address: str) -> None:
        self._wrong.pop(address, None)


class Operator(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """The one account."""

    def __init__(self, mark: str) -> None:
        self.id = mark


def close_by_default(app: Flask, credentials: Credentials) -> None:
    """Let only the operator in: everybody else is sent to the sign-in page, or told 401 where a program asks."""
    manager = LoginManager(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def known(mark: str) -> Operator | None:
        return Operator(mark) if hmac.compare_digest(mark, credentials.mark) else None

    @app.before_request
    def refuse_strangers() -> ResponseReturnValue | None:
        if isinstance(request.routing_exception, SecurityError):  # asked under a name that is not ours
            raise request.routing_exception
        if request.endpoint in OPEN_ENDPOINTS or current_user.is_authenticated:
            return None
        if request.path.startswith(("/api/", "/live")):
            return jsonify(error="sign in first"), 401
        return redirect(url_for("sign_in"))


def add_headers(response: Response) -> Response:
    """Nothing from elsewhere, nothing inline, nothing kept, nobody frames us."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response
