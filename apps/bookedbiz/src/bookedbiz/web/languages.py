"""Languages that need a look: the queue, one answer for a group, and the answers that are in force."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.languages import rules
from bookedbiz.web import numbers
from bookedbiz.web.context import database, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only

blueprint = Blueprint("languages", __name__, url_prefix="/languages")

SHOWN = 80


@blueprint.get("/")
@only(MANAGEMENT)
def review() -> str:
    """Of which rows must somebody look at the language?"""
    db = database()
    return render_template(
        "upkeep-languages.html",
        queue=rules.review_queue(db, SHOWN),
        languages=rules.languages(db),
        high=rules.HIGH_CENTS,
    )


@blueprint.get("/rules")
@only(MANAGEMENT)
def in_force() -> str:
    """Which languages did somebody set by hand?"""
    return render_template("upkeep-rules.html", rules=rules.rules(database()))


@blueprint.post("/set")
@only(ADMIN)
def set_language() -> ResponseReturnValue:
    """Set the language of all rows of a bill code with a code; without a language, take that back."""
    bill_code_id, language_id = (request.form.get(name, 0, type=int) for name in ("bill_code", "language"))
    code = request.form.get("code") or None
    with writing() as (db, by):
        rules.set_language(db, bill_code_id, language_id, code, by)
        spots, cents = rules.reach(db, bill_code_id, language_id)
    told = "no longer have a language set by hand" if code is None else f"are in the language {code}"
    flash(
        f"Done: {spots:,} rows with {numbers.money(cents)} {told}, and those of later imports. The audit takes it back."
    )
    return redirect(url_for("languages.in_force" if code is None else "languages.review"), 303)
