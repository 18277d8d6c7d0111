"""The one place that decides who gets in, and what a browser may do with our pages. Everything else is denied."""

from typing import Final

from flask import Flask, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

OPEN: Final = frozenset({"auth.sign_in", "static", "health.show_health", "health.show_system_stats"})
_WAY_IN: Final = "reports.root"  # answers everybody with the address of the start page, which asks for the session

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
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


def install(app: Flask) -> None:
    """Guard every route of the application, those that are added later too."""
    app.before_request(require_session)
    app.after_request(add_headers)


def require_session() -> ResponseReturnValue | None:
    """Let the request through, or send it to the sign-in page; JSON gets its 401 as JSON."""
    if request.endpoint in OPEN or request.endpoint == _WAY_IN or current_user.is_authenticated:
        return None
    if wants_json():
        return jsonify({"error": "Not signed in"}), 401
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.sign_in", next=here))


def wants_json() -> bool:
    """Whether a program asks: under /api/, or by what it accepts."""
    accepts = request.accept_mimetypes
    return request.path.startswith("/api/") or (
        accepts["application/json"] > accepts["text/html"] and not accepts.accept_html
    )


def add_headers(response: Response) -> Response:
    """What a browser may do with the answer; pages are not kept by anything in between."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "private, no-store"
    return response
