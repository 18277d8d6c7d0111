"""What is shown when something cannot be: one page for people, one JSON object for programs."""

import logging
import sqlite3

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from pivision.devices.errors import ConfigConflict
from pivision.errors import PiVisionError
from pivision.pictures.frames import PictureGone
from station_kit.errors import DatabaseUnusable
from station_pages.guard import wants_json

_log = logging.getLogger(__name__)

_WORDS = {
    400: "The form was too old or came from another page. Go back, reload the page and send it again.",
    403: "Only an admin may do that.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "That was more than this page takes.",
    500: "Something went wrong here. It is in the log; no picture is lost.",
    503: "The database cannot be reached at the moment. Try again in a minute.",
}


def install(app: Flask) -> None:
    """Show these pages for every error of the application."""
    app.register_error_handler(CSRFError, lambda _: _answer(400, "Form not accepted"))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseUnusable, _no_database)
    app.register_error_handler(sqlite3.OperationalError, _no_database)
    app.register_error_handler(PictureGone, lambda why: _answer(404, "No picture", f"{why.message}."))
    app.register_error_handler(PiVisionError, _refused)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, error.name)


def _no_database(error: Exception) -> ResponseReturnValue:
    _log.error("request not answered: %s", error)
    return _answer(503, "Database not reachable")


def _refused(error: PiVisionError) -> ResponseReturnValue:
    code = 409 if isinstance(error, ConfigConflict) else 422
    return _answer(code, "Not done", f"{error.message}. {error.hint}".rstrip(". ") + ".")


def _answer(code: int, name: str, words: str = "") -> ResponseReturnValue:
    words = words or _WORDS.get(code, "This request cannot be answered.")
    if wants_json():
        return jsonify({"ok": False, "error": words, "code": name.lower().replace(" ", "_")}), code
    return render_template("error.html", code=code, name=name, words=words), code
