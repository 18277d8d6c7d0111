"""Put the pages together: settings in, a Flask application out."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from flask import Flask

from pivision.api import bearer
from pivision.api import routes as api_routes
from pivision.errors import StartRefused
from pivision.settings import Settings
from pivision.upkeep import backup
from pivision.web import (
    auth,
    context,
    dashboard,
    devices,
    errors,
    events,
    layout,
    people,
    privacy,
    regions,
    storage,
    subscribers,
    tuning,
)
from station_pages import guard
from station_pages.attempts import Attempts

SESSION_DAYS = 30  # of not looking; a phone in a pocket signs in once
LARGEST_REQUEST_BYTES = 256 * 1024  # the only bodies are forms and drawn regions; pictures do not come this way


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """The pages on the database of `settings`, which is there and migrated already. StartRefused without a key."""
    if settings.secret_key is None:
        raise StartRefused("Pages not started: there is no secret key", "Name secret_key under [secrets] of app.toml")
    app = Flask("pivision.web")
    app.config.update(
        SECRET_KEY=settings.secret_key.reveal(),
        SESSION_COOKIE_NAME="pivision",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_DAYS * 24 * 3600,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # the token is as old as the session: a page left open overnight still works
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # addresses of static files carry a digest of their content
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it, its base class does not
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[context.NAME] = context.Context(settings, now, Attempts(now), Attempts(now), version("pivision"))
    app.teardown_appcontext(context.close_database)
    backup.sweep(settings.folder)
    auth.install(app)
    bearer.install(app)
    guard.install(app, sign_in="auth.sign_in")
    bearer.install_forms(app)
    layout.install(app)
    errors.install(app)
    for blueprint in (
        auth.blueprint,
        dashboard.blueprint,
        events.blueprint,
        devices.blueprint,
        regions.blueprint,
        tuning.blueprint,
        privacy.blueprint,
        storage.blueprint,
        subscribers.blueprint,
        people.blueprint,
        *(each.blueprint for each in api_routes.APIS),
    ):
        app.register_blueprint(blueprint)
    return app
