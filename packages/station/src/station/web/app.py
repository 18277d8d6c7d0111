"""The Flask app of the page: what it needs is handed in, nothing is read from the environment."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from station.clock import Clock
from station.fleet import Fleet
from station.watch.picture import Picture, take_picture
from station.watch.storelog import StoreNews
from station.watch.summary import readiness_summary, summary
from station.watch.wording import length
from station.web import charts, words
from station.web.access import Attempts, Credentials, Operator, add_headers, close_by_default

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SIGNED_IN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Sources:
    """Where the page's facts come from. `news` must answer at once: see `StoreWatch`."""

    fleet: Fleet
    news: Callable[[], dict[str, StoreNews]]
    now: Clock

    def picture(self) -> Picture:
        return take_picture(self.fleet, self.news(), self.now().astimezone())


def create_app(sources: Sources, credentials: Credentials, *, bind: str = "127.0.0.1") -> Flask:
    """The page for one fleet. On a loopback address it answers to loopback names only (no DNS rebinding)."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=credentials.secret_key,
        SESSION_COOKIE_NAME="station_session",  # cookies know no ports: an app beside us has a `session` too
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SIGNED_IN_FOR,
        WTF_CSRF_TIME_LIMIT=None,  # a sign-in page may stay open over night
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    if bind in LOOPBACK:
        app.config["TRUSTED_HOSTS"] = list(LOOPBACK)
    CSRFProtect(app)
    close_by_default(app, credentials)
    app.after_request(add_headers)
    words.add_filters(app)
    _add_sign_in(app, credentials, Attempts())
    _add_pages(app, sources)
    _add_programs_answers(app, sources)
    return app


def _add_sign_in(app: Flask, credentials: Credentials, attempts: Attempts) -> None:
    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> ResponseReturnValue:
        if request.method == "GET":
            return render_template("sign_in.html")
        address, now_s = request.remote_addr or "", time.monotonic()
        wait_s = attempts.wait_s(address, now_s)
        if wait_s > 0:
            flash(f"Too many wrong passwords. Try again in {length(wait_s)}.")
            return render_template("sign_in.html"), 429, {"Retry-After": str(int(wait_s) + 1)}
        if not credentials.accept(request.form.get("password", "")):
            attempts.failed(address, now_s)
            flash("That is not the password.")
            return render_template("sign_in.html"), 403
        attempts.succeeded(address)
        session.clear()
        session.permanent = True
        login_user(Operator(credentials.mark))
        return redirect(url_for("page"))

    @app.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        logout_user()
        session.clear()
        return redirect(url_for("sign_in"))

    @app.errorhandler(CSRFError)
    def form_too_old(why: CSRFError) -> ResponseReturnValue:
        flash("That form was no longer valid. Please try again.")
        return render_template("sign_in.html"), 400


def _add_pages(app: Flask, sources: Sources) -> None:
    @app.get("/")
    def page() -> ResponseReturnValue:
        return render_template("page.html", **_shown(sources.picture()))

    @app.get("/live")
    def live() -> ResponseReturnValue:
        """The part of the page that changes; 304 when it did not."""
        response = Response(render_template("live.html", **_shown(sources.picture())), mimetype="text/html")
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.headers["Cache-Control"] = "private, no-cache"
        return response.make_conditional(request)


def _add_programs_answers(app: Flask, sources: Sources) -> None:
    @app.get("/health")
    def health() -> ResponseReturnValue:
        return jsonify(status="ok")

    @app.get("/api/status")
    def api_status() -> ResponseReturnValue:
        return jsonify(summary(sources.picture()))

    @app.get("/api/readiness")
    def api_readiness() -> ResponseReturnValue:
        return jsonify({app.name: readiness_summary(app.readiness) for app in sources.picture().apps})


def _shown(picture: Picture) -> dict[str, object]:
    return {"picture": picture, "now": picture.at, "charts": charts}
