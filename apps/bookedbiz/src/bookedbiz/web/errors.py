"""What is shown when something cannot be: one page for people, one JSON object for programs."""

import logging

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from bookedbiz.errors import BookedBizError, ImportBusy, ReadOnlyMode, Refused
from station_kit.errors import DatabaseUnusable
from station_pages.guard import wants_json

_log = logging.getLogger(__name__)

_WORDS = {
    400: "The form was too old or came from another page. Go back, reload the page and send it again.",
    403: "Your role does not include this page. An administrator can change that.",
    404: "There is no page at this address.",
    405: "This address does not take that kind of request.",
    413: "That was more than this page takes.",
    500: "Something went wrong here. It is in the log; nothing of yours is lost.",
    503: "The database cannot be reached at the moment. Try again in a minute.",
}


def install(app: Flask) -> None:
    """Show these pages for every error of the application."""
    app.register_error_handler(CSRFError, _refused_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseUnusable, _no_database)
    app.register_error_handler(ReadOnlyMode, _read_only)
    app.register_error_handler(BookedBizError, _refused)


def _refused_form(_: CSRFError) -> ResponseReturnValue:
    return _answer(400, "Form not accepted")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, error.name)


def _no_database(error: DatabaseUnusable) -> ResponseReturnValue:
    _log.error("request not answered: %s", error.message)
    return _answer(503, "Database not reachable")


def _read_only(error: ReadOnlyMode) -> ResponseReturnValue:
    return _answer(503, "Read-only", f"{error.message}.")


def _refused(error: BookedBizError) -> ResponseReturnValue:
    code = 409 if isinstance(error, Refused | ImportBusy) else 422
    return _answer(code, "Not done", f"{error.message}. {error.hint}".rstrip(". ") + ".")


def _answer(code: int, name: str, words: str = "") -> ResponseReturnValue:
    words = words or _WORDS.get(code, "This request cannot be answered.")
    if wants_json():
        return jsonify({"error": name, "message": words}), code
    return render_template("error.html", code=code, name=name, words=words), code
