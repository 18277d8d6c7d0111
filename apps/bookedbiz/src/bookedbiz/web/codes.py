"""Codes and sales persons that were seen for the first time: what hangs on each, and saying what it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.errors import Refused
from bookedbiz.names.adopt import unknown_aes
from bookedbiz.names.audit import By
from bookedbiz.names.directory import Alias, create_ae, create_alias
from bookedbiz.upkeep import codes
from bookedbiz.web.context import acting, database, open_for_writing, require_writable, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only

blueprint = Blueprint("codes", __name__, url_prefix="/codes")

Deed = Callable[..., object]
_VERBS: Final = ("confirm", "read-as", "new-ae", "same-ae")


@dataclass(frozen=True)
class Asked:
    """What a form asks for, in words, with what hangs on it."""

    words: str
    spots: int
    gross_cents: int
    deed: Callable[[By], Deed]
    note: str = ""


@blueprint.get("/")
@only(MANAGEMENT)
def waiting() -> str:
    """What was seen for the first time, and what is it?"""
    db = database()
    return render_template(
        "upkeep-codes.html",
        waiting=codes.waiting_codes(db),
        targets=codes.targets(db),
        people=unknown_aes(db),
        aes=[row["name"] for row in db.execute("SELECT name FROM ae WHERE active ORDER BY name")],
    )


@blueprint.post("/")
@only(ADMIN)
def change() -> ResponseReturnValue:
    """Show what hangs on it; with `confirm`, do it."""
    require_writable()
    verb = request.form.get("verb", "")
    if verb not in _VERBS:
        abort(422)
    asked = _of_a_code(verb) if verb in ("confirm", "read-as") else _of_a_person(verb)
    if request.form.get("sure") == "yes":
        with writing() as (db, by):
            asked.deed(by)(db)
        flash(f"Done: {asked.words}. The audit says who did it.")
        return redirect(url_for("codes.waiting"), 303)
    _try(asked)
    return render_template("upkeep-confirm.html", asked=asked, form=request.form)


def _of_a_code(verb: str) -> Asked:
    db, form = database(), request.form
    kind, code_id = form.get("kind", ""), form.get("id", 0, type=int)
    found = next((each for each in codes.waiting_codes(db) if (each.kind, each.id) == (kind, code_id)), None)
    if found is None:
        raise Refused("Nothing changed: that code does not wait any more", "Load the page again")
    if verb == "confirm":
        said = {name: form.get(name, "") for name in ("name", "group", "trade")}
        note = "It is barter: its rows are no revenue from now on." if said["trade"] == "yes" else ""
        words = f"The {found.word} {found.code} is {said['name'] or 'what it is called'}"
        return Asked(
            words,
            found.spots,
            found.gross_cents,
            lambda by: lambda db: codes.confirm(db, kind, code_id, by, said),
            note,
        )
    target_id = form.get("target", 0, type=int)
    target = next((each for each in codes.targets(db)[kind] if each[0] == target_id), None)
    if target is None:
        raise Refused(f"{found.code} not changed: it cannot mean that", "Choose one of the list")
    return Asked(
        f"The {found.word} {found.code} means {target[1]}",
        found.spots,
        found.gross_cents,
        lambda by: lambda db: codes.read_as(db, kind, code_id, target_id, by),
        "Trade is no revenue: its rows leave every revenue figure." if target[2] == "barter" else "",
    )


def _of_a_person(verb: str) -> Asked:
    db, name = database(), request.form.get("name", "")
    found = next((each for each in unknown_aes(db) if each.name == name), None)
    if found is None:
        raise Refused("Nothing changed: that sales person is known by now", "Load the page again")
    if verb == "new-ae":
        words = f"{name} is an account executive, with a budget and a book"
        return Asked(words, found.spots, found.gross_cents, lambda by: lambda db: create_ae(db, name, by))
    row = db.execute("SELECT id, name FROM ae WHERE name = ?", (request.form.get("target", ""),)).fetchone()
    if row is None:
        raise Refused(f"{name} not changed: there is no such account executive", "Choose one of the list")
    return Asked(
        f"{name} is really {row['name']}",
        found.spots,
        found.gross_cents,
        lambda by: lambda db: create_alias(db, Alias("ae", name, row["id"]), by),
    )


def _try(asked: Asked) -> None:
    """What would be refused is refused before anybody is asked whether they are sure."""
    with open_for_writing() as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            asked.deed(acting())(db)
        finally:
            db.execute("ROLLBACK")
