"""All that somebody writes on an account: activities, signals, contacts, addresses, billing, notes, its AE."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.accounts import activity as activities
from bookedbiz.accounts import assigning, book, queue, refresh
from bookedbiz.accounts.entry import NewActivity, read_day, read_line
from bookedbiz.errors import Refused
from bookedbiz.months import month_of
from bookedbiz.web.accounts.shared import blueprint, go_back, require_mine, today
from bookedbiz.web.context import database, now, writing
from bookedbiz.web.roles import MANAGEMENT, SELLING, only

_TRUTH = {"yes": True, "no": False}


@blueprint.post("/<int:account_id>/activities")
@only(SELLING)
def write_activity(account_id: int) -> ResponseReturnValue:
    """Write what was done, or what is to be done: one line."""
    account_id, form = require_mine(account_id), request.form
    line = read_line(form.get("line", ""), today(), kind=form.get("kind", ""), due=form.get("due", ""))
    new = NewActivity(line.kind, line.text, line.due_on, _number("contact"))
    with writing() as (db, by):
        activities.add(db, account_id, new, today(), by)
    flash(f"Follow-up on {new.due_on.isoformat()} noted." if new.due_on else f"{new.kind.capitalize()} noted.")
    return go_back(account_id=account_id)


@blueprint.post("/activities/<int:activity_id>")
@only(SELLING)
def change_activity(activity_id: int) -> ResponseReturnValue:
    """A follow-up is done, or gets another day; a line that was written by mistake goes."""
    account_id = require_mine(_account_of("SELECT account_id FROM activity WHERE id = ?", activity_id))
    verb = request.form.get("verb", "")
    with writing() as (db, by):
        if verb == "done":
            activities.complete(db, activity_id, today(), by)
        elif verb == "postpone":
            activities.postpone(db, activity_id, read_day(request.form.get("due", ""), today()), by)
        elif verb == "remove":
            activities.take_back(db, activity_id, by)
        else:
            abort(422)
    if verb == "done":
        flash("Done. What is next?")
        return redirect(url_for("accounts.account", account_id=account_id, next=1), 303)
    return go_back(account_id=account_id)


@blueprint.post("/signals/<int:signal_id>")
@only(SELLING)
def change_signal(signal_id: int) -> ResponseReturnValue:
    """Acknowledge, snooze or dismiss a signal, or make it new again."""
    account_id = require_mine(_account_of("SELECT account_id FROM account_signal WHERE id = ?", signal_id))
    form, verb = request.form, request.form.get("verb", "")
    with writing() as (db, by):
        if verb == "acknowledge":
            queue.acknowledge(db, signal_id, by)
        elif verb == "snooze":
            until = read_day(form.get("until", ""), today())
            queue.snooze(db, signal_id, until, form.get("reason", ""), today(), by)
        elif verb == "dismiss":
            queue.dismiss(db, signal_id, form.get("reason", ""), by)
        elif verb == "reopen":
            queue.reopen(db, signal_id, by)
        else:
            abort(422)
    return go_back(account_id=account_id)


@blueprint.post("/<int:account_id>/contacts")
@only(SELLING)
def change_contact(account_id: int) -> ResponseReturnValue:
    """Add a contact, change one, or show one no longer."""
    account_id, form, number = require_mine(account_id), request.form, _number("contact")
    with writing() as (db, by):
        if form.get("verb") == "drop":
            book.drop_contact(db, account_id, number or 0, by)
        else:
            new = book.Contact(
                form.get("name", ""), form.get("title", ""), form.get("role", "other"), form.get("email", ""),
                form.get("phone", ""), form.get("primary") == "1",
            )  # fmt: skip
            book.save_contact(db, account_id, new, by, number)
    return go_back(account_id=account_id)


@blueprint.post("/<int:account_id>/addresses")
@only(SELLING)
def change_address(account_id: int) -> ResponseReturnValue:
    """Add an address, change one, or remove one."""
    account_id, form, number = require_mine(account_id), request.form, _number("address")
    with writing() as (db, by):
        if form.get("verb") == "drop":
            book.drop_address(db, account_id, number or 0, by)
        else:
            new = book.Address(
                form.get("kind", "other"), form.get("street", ""), form.get("city", ""), form.get("state", ""),
                form.get("zip", ""), form.get("primary") == "1",
            )  # fmt: skip
            book.save_address(db, account_id, new, by, number)
    return go_back(account_id=account_id)


@blueprint.post("/<int:account_id>/billing")
@only(SELLING)
def change_billing(account_id: int) -> ResponseReturnValue:
    """Say how the account is billed; an empty commission was never reviewed."""
    account_id, form = require_mine(account_id), request.form
    new = book.Billing(
        commission_bp=_commission(form.get("commission", "")),
        order_basis=form.get("order_basis") or None,
        po_number=form.get("po_number", ""),
        edi=_TRUTH.get(form.get("edi", "")),
        edi_code=form.get("edi_code", ""),
        affidavit=form.get("affidavit") == "1",
    )
    with writing() as (db, by):
        book.save_billing(db, account_id, new, by)
    flash("Billing saved.")
    return go_back(account_id=account_id)


@blueprint.post("/<int:account_id>/notes")
@only(SELLING)
def change_notes(account_id: int) -> ResponseReturnValue:
    """Keep the notes of an account."""
    account_id = require_mine(account_id)
    with writing() as (db, by):
        book.save_notes(db, account_id, request.form.get("notes", ""), by)
    flash("Notes saved.")
    return go_back(account_id=account_id)


@blueprint.post("/<int:account_id>/ae")
@only(MANAGEMENT)
def change_ae(account_id: int) -> ResponseReturnValue:
    """Let another AE look after the account, or nobody."""
    account_id = require_mine(account_id)
    with writing() as (db, by):
        assigning.assign(db, account_id, _number("ae"), by)
    return go_back(account_id=account_id)


@blueprint.post("/nobodys")
@only(MANAGEMENT)
def give_out() -> ResponseReturnValue:
    """Give every account that nobody looks after to who sells it."""
    with writing() as (db, by):
        given = assigning.assign_by_sales(db, month_of(today()), by)
    flash(f"{given:,} account{'' if given == 1 else 's'} given to who sold the most there in the last 12 months.")
    return redirect(url_for("accounts.team"), 303)


@blueprint.post("/refresh")
@only(MANAGEMENT)
def compute_again() -> ResponseReturnValue:
    """Compute figures and signals anew, as every import does."""
    with writing() as (db, _):
        found = refresh.refresh(db, now())
        refresh.record(db, now(), None, None)
    flash(f"Computed for {found.accounts:,} accounts: {found.opened} signals opened, {found.closed} closed.")
    return go_back()


def _account_of(sql: str, number: int) -> int:
    row = database().execute(sql, (number,)).fetchone()
    return int(row[0]) if row is not None else abort(404)


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _commission(text: str) -> int | None:
    """Hundredths of a percent of `15`, `15 %` or `12.5`; None when nothing is said."""
    said = text.strip().rstrip("%").strip()
    if not said:
        return None
    try:
        return round(float(said) * 100)
    except (ValueError, OverflowError):
        raise Refused(f"Billing not saved: {text!r} is no percentage", "Write it as 15 or 12.5") from None
