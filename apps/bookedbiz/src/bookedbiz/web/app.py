"""Put the web application together: settings in, a Flask application out, its database migrated."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from bookedbiz.settings import Settings
from bookedbiz.web import (
    accounts,
    api,
    audit,
    auth,
    canon,
    codes,
    context,
    errors,
    exports,
    health,
    imports,
    languages,
    layout,
    names,
    notices,
    orders,
    pages,
    planning,
    quality,
    readonly,
    retiring,
    saved,
    sectors,
    users,
    versions,
)
from bookedbiz.web.accounts.contacts import allow_contacts
from bookedbiz.web.compression import compress
from bookedbiz.web.machine import Machine
from bookedbiz.web.readonly import prepare_database, why_read_only
from station_pages import guard
from station_pages.attempts import Attempts

SESSION_DAYS = 7  # of not looking; every visit starts them anew
LARGEST_REQUEST_BYTES = 64 * 1024  # the only bodies are small forms
BLUEPRINTS = (
    auth.blueprint,
    pages.blueprint,
    health.blueprint,
    users.blueprint,
    audit.blueprint,
    names.blueprint,
    canon.blueprint,
    imports.blueprint,
    notices.blueprint,
    quality.blueprint,
    planning.blueprint,
    exports.blueprint,
    accounts.blueprint,
    saved.blueprint,
    api.blueprint,
    languages.blueprint,
    codes.blueprint,
    retiring.blueprint,
    sectors.blueprint,
    versions.blueprint,
    orders.blueprint,
)


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """The application on the database of `settings`, which is migrated first. KitError when that is not possible."""
    read_only = why_read_only(settings)
    prepare_database(settings.database, read_only=bool(read_only))
    app = Flask("bookedbiz.web")
    app.config.update(
        SECRET_KEY=settings.secret_key.reveal(),
        SESSION_COOKIE_NAME="bookedbiz",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_DAYS * 24 * 3600,
        REMEMBER_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # the token is as old as the session: a page left open overnight still works
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # addresses of static files carry a digest of their content
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it, its base class does not
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[context.NAME] = context.Context(
        settings=settings,
        now=now,
        machine=Machine(settings.database.parent),
        attempts=Attempts(now),
        version=version("bookedbiz"),
        read_only=read_only,
    )
    app.before_request(allow_contacts)
    app.before_request(imports.allow_workbook)  # before the form is read to find its token
    CSRFProtect(app)
    app.teardown_appcontext(context.close_database)
    auth.install(app)
    guard.install(app, sign_in="auth.sign_in")
    readonly.install(app)
    layout.install(app)
    errors.install(app)
    app.after_request(compress)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
