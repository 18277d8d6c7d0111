"""The one place that decides who gets in, and what a browser may do with our pages. Everything else is denied."""

import logging
from typing import Final

from flask import Flask, Response, abort, current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from station_pages.roles import EVERYBODY, declared

_log = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SIGN_IN: Final = "station_pages.sign_in"


def install(app: Flask, *, sign_in: str) -> None:
    """Guard every route of the application, those that are added later too. `sign_in`: the endpoint of the form."""
    app.extensions[_SIGN_IN] = sign_in
    app.before_request(_require_permission)
    app.after_request(_add_headers)


def may_ask(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may ask for that endpoint; EVERYBODY without a session, None when it says nobody."""
    return EVERYBODY if endpoint == "static" else declared(app.view_functions[endpoint])


def wants_json() -> bool:
    """Whether a program asks: under /api/, for something as .json, or by what it accepts."""
    accepts = request.accept_mimetypes
    return (
        request.path.startswith("/api/")
        or request.path.endswith(".json")
        or (accepts["application/json"] > accepts["text/html"] and not accepts.accept_html)
    )


def _require_permission() -> ResponseReturnValue | None:
    """Let the request through, ask for a session, or answer 403: a route that names no roles is for nobody."""
    endpoint = request.endpoint
    if endpoint is None:  # an unknown address: 404, once signed in
        return None if current_user.is_authenticated else _ask_for_session()
    allowed = may_ask(current_app, endpoint)
    if allowed == EVERYBODY:
        return None
    if not current_user.is_authenticated:
        return _ask_for_session()
    if allowed is None:
        _log.error("request denied: %s names no roles; put @only(...) on it", endpoint)
    if allowed is None or current_user.role not in allowed:
        abort(403)
    return None


def _ask_for_session() -> ResponseReturnValue:
    if wants_json():
        return jsonify({"ok": False, "error": "Not signed in", "code": "not_signed_in"}), 401
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(current_app.extensions[_SIGN_IN], next=here))


def _add_headers(response: Response) -> Response:
    """What a browser may do with the answer; pages are not kept by anything in between."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response
