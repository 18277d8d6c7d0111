"""Who may call: one app, one refresh token, short-lived access tokens, scopes."""

import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qs

from dropbox_emulator.errors import Refusal, unauthorised

SCOPES = frozenset(
    {"account_info.read", "files.metadata.read", "files.metadata.write", "files.content.read", "files.content.write"}
)
LIFE_S = 14400


class Tokens:
    """The app's key and secret, its user's refresh token, and the access tokens that it was given."""

    def __init__(self) -> None:
        self.app_key = "emulator-app-key"
        self.app_secret = f"emulator-app-secret-{secrets.token_hex(8)}"
        self.refresh_token = f"emulator-refresh-{secrets.token_hex(16)}"
        self.scopes = set(SCOPES)
        self.life_s: float = LIFE_S
        self.app_is_revoked = False
        self._issued: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self) -> str:
        """A new access token, as `/oauth2/token` gives one."""
        token = f"sl.emulator-access-{secrets.token_urlsafe(24)}"
        with self._lock:
            self._issued[token] = time.monotonic() + self.life_s
        return token

    def expire(self) -> None:
        """Every access token is too old from now on; the refresh token still works."""
        with self._lock:
            self._issued = dict.fromkeys(self._issued, 0.0)

    def revoke(self) -> None:
        """The user has disconnected the app: neither the refresh token nor any access token works."""
        self.app_is_revoked = True

    def refresh(self, body: bytes, authorization: str) -> dict[str, object]:
        """The answer of `/oauth2/token`."""
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "refresh_token":
            raise Refusal(400, _oauth("unsupported_grant_type", 'grant_type must be "refresh_token"'))
        if _basic(authorization) not in (None, (self.app_key, self.app_secret)):
            raise Refusal(400, _oauth("invalid_client: Invalid client_id or client_secret", ""))
        if not authorization and (form.get("client_id"), form.get("client_secret")) != (self.app_key, self.app_secret):
            raise Refusal(400, _oauth("invalid_client: Invalid client_id or client_secret", ""))
        if self.app_is_revoked or form.get("refresh_token") != self.refresh_token:
            raise Refusal(400, _oauth("invalid_grant", "refresh token is invalid or revoked"))
        return {"access_token": self.issue(), "token_type": "bearer", "expires_in": int(self.life_s)}

    def check(self, route: str, headers: Mapping[str, str], scope: str) -> None:
        """Let the call pass or refuse it."""
        authorization = headers.get("authorization", "")
        if not authorization:
            raise Refusal(400, text=f'Error in call to API function "{route}": missing the Authorization header')
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer" or not token:
            raise Refusal(400, text=f'Error in call to API function "{route}": Invalid authorization value')
        with self._lock:
            good_until = self._issued.get(token)
        if good_until is None or self.app_is_revoked:
            raise unauthorised("invalid_access_token")
        if time.monotonic() >= good_until:
            raise unauthorised("expired_access_token")
        if scope not in self.scopes:
            raise unauthorised("missing_scope", required_scope=scope)

    def check_app(self, headers: Mapping[str, str]) -> None:
        """For routes that the app calls as itself."""
        if _basic(headers.get("authorization", "")) != (self.app_key, self.app_secret):
            raise unauthorised("invalid_access_token")


def _oauth(error: str, description: str) -> dict[str, object]:
    return {"error": error, "error_description": description}


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, coded = authorization.partition(" ")
    if kind != "Basic":
        return None
    key, _, secret = b64decode(coded).decode("utf-8", "replace").partition(":")
    return key, secret
