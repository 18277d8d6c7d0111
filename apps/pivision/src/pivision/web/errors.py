"""What is shown when something cannot be: one page for people, one JSON object for programs."""

import logging
import sqlite3
from collections.abc import Mapping

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from pivision.api.declaring import Refused
from pivision.devices.errors import BadName, ConfigConflict, DeviceExists, NoSuchVersion
from pivision.errors import BadConfig, NoSuchDevice, PiVisionError
from pivision.events.stored import BadReview, NoSuchEvent, NoSuchPicture
from pivision.ingest.refusals import Refusal
from pivision.pictures.frames import PictureGone
from pivision.upkeep.backup import BackupBusy, Damaged, NoRoom
from pivision.users import BadUser
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
# What an error of ours is for a program: a status, and a word that stays. Every other one is 422, not_done.
CODES: Mapping[type[PiVisionError], tuple[int, str]] = {
    NoSuchDevice: (404, "no_such_device"),
    NoSuchEvent: (404, "no_such_event"),
    NoSuchPicture: (404, "no_such_picture"),
    NoSuchVersion: (404, "no_such_version"),
    PictureGone: (404, "no_such_picture"),
    ConfigConflict: (409, "version_conflict"),
    DeviceExists: (409, "device_exists"),
    BackupBusy: (409, "backup_busy"),
    Damaged: (503, "database_damaged"),
    NoRoom: (503, "disk_full"),
    BadConfig: (422, "bad_config"),
    BadName: (422, "bad_name"),
    BadReview: (422, "bad_review"),
    BadUser: (422, "bad_user"),
}


def install(app: Flask) -> None:
    """Show these pages for every error of the application."""
    app.register_error_handler(CSRFError, lambda _: _answer(400, "Form not accepted"))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseUnusable, _no_database)
    app.register_error_handler(sqlite3.OperationalError, _no_database)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(PiVisionError, _refused)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, error.name)


def _no_database(error: Exception) -> ResponseReturnValue:
    _log.error("request not answered: %s", error)
    return _answer(503, "Database not reachable")


def _refused(error: PiVisionError) -> ResponseReturnValue:
    status, code = next((found for kind, found in CODES.items() if isinstance(error, kind)), (422, "not_done"))
    words = f"{error.message}. {error.hint}".rstrip(". ") + "."
    return _answer(status, "Nothing there" if status == 404 else "Not done", words, code)


def _refusal(why: Refusal) -> ResponseReturnValue:
    more = why.more if isinstance(why, Refused) else {}
    answer = jsonify({"ok": False, "error": why.error, "code": why.code, **more})
    answer.status_code = why.status
    if why.retry_after_s is not None:
        answer.headers["Retry-After"] = str(max(1, round(why.retry_after_s + 0.5)))
    if why.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _answer(status: int, name: str, words: str = "", code: str = "") -> ResponseReturnValue:
    words = words or _WORDS.get(status, "This request cannot be answered.")
    if wants_json():
        return jsonify({"ok": False, "error": words, "code": code or name.lower().replace(" ", "_")}), status
    return render_template("error.html", code=status, name=name, words=words), status
