"""Contacts as a file: out, and in after a look at what it would change."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.accounts.contacts_csv import COLUMNS, contacts_as_csv, read_contacts, store_contacts
from bookedbiz.errors import Refused
from bookedbiz.web.accounts.shared import blueprint, today
from bookedbiz.web.context import database, writing
from bookedbiz.web.roles import SELLING, only

LARGEST_FILE_BYTES = 1024 * 1024  # some 10,000 contacts


def allow_contacts() -> None:
    """Let a file of contacts in where it is handed over, and only for who is signed in to do it."""
    if request.endpoint == "accounts.import_contacts" and getattr(current_user, "role", None) in SELLING:
        request.max_content_length = LARGEST_FILE_BYTES
        request.max_form_memory_size = LARGEST_FILE_BYTES


@blueprint.get("/contacts.csv")
@only(SELLING)
def export_contacts() -> Response:
    """The contacts of all accounts that this person may see."""
    content = contacts_as_csv(database(), current_user.only_ae_id)
    name = f"bookedbiz-contacts-{today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/contacts")
@only(SELLING)
def contacts() -> str:
    """Bring contacts in from a CSV file."""
    return render_template("accounts-contacts.html", columns=COLUMNS, text="", wanted=None, problem=None)


@blueprint.post("/contacts")
@only(SELLING)
def import_contacts() -> ResponseReturnValue:
    """Show what a file would change; with `store`, change it."""
    text = _text()
    try:
        wanted = read_contacts(database(), text, current_user.only_ae_id)
        if "store" in request.form:
            with writing() as (db, by):
                added, changed = store_contacts(db, wanted, by)
            flash(f"{added:,} contacts added, {changed:,} changed.")
            return redirect(url_for("accounts.address_book"), 303)
    except Refused as why:
        return _page(text, problem=why), 409
    return _page(text, wanted=wanted)


def _page(text: str, **more: object) -> str:
    told: dict[str, object] = {"wanted": None, "problem": None, **more}
    return render_template("accounts-contacts.html", columns=COLUMNS, text=text, **told)


def _text() -> str:
    """Of the file, else of the field. Refused when it is no text."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return request.form.get("text", "")
    try:
        return given.stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as why:
        raise Refused(f"No contacts imported: {given.filename} is no UTF-8 text", "Save it as CSV UTF-8") from why
