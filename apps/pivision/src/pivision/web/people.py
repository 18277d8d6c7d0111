"""People: who may look, who may change things, their programs, and who changed what; and the time zone."""

import json
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision import tokens, users
from pivision.devices.audit import note
from pivision.users import BadUser, Role
from pivision.web.context import by, database, writing
from pivision.web.layout import zone
from pivision.web.roles import ADMIN, only
from pivision.web.statements import SQL
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction

blueprint = Blueprint("people", __name__)

AUDIT_LINES = 100
LONGEST_PASSWORD = 1024


@blueprint.get("/people")
@only(ADMIN)
def page() -> str:
    """Everybody, their programs' tokens, and the newest lines of the audit."""
    return _page()


@blueprint.post("/people")
@only(ADMIN)
def add() -> ResponseReturnValue:
    """Somebody new."""
    with writing() as db:
        users.add(db, request.form.get("name", ""), _role(), _password(), by())
    return redirect(url_for("people.page"))


@blueprint.post("/people/<name>")
@only(ADMIN)
def change(name: str) -> ResponseReturnValue:
    """Another role, on or off, or another password."""
    with writing() as db:
        if request.form.get("password"):
            users.set_password(db, name, _password(), by())
        else:
            users.change(db, name, _role(), request.form.get("active") == "1", by())
    return redirect(url_for("people.page"))


@blueprint.post("/people/time-zone")
@only(ADMIN)
def set_zone() -> ResponseReturnValue:
    """Where the appliance stands: for what is shown, and for quiet hours."""
    wanted, who = request.form.get("zone", "").strip(), by()
    if wanted not in available_timezones():
        raise BadUser(f"Time zone not taken: there is no {wanted}", "Name it like Europe/Berlin")
    with writing() as db, transaction(db):
        values = {"name": "time_zone", "value": json.dumps(wanted), "at": who.at, "by": who.who}
        db.execute(SQL["store_setting"], values)
        note(db, who, "time zone changed", wanted)
    return redirect(url_for("people.page"))


@blueprint.post("/tokens")
@only(ADMIN)
def add_token() -> ResponseReturnValue:
    """For a program of somebody's: shown on this answer alone."""
    person = request.form.get("person", "")
    with writing() as db:
        token = tokens.add(db, person, request.form.get("name", ""), _role(), by())
    return _page(shown=token)


@blueprint.post("/tokens/revoke")
@only(ADMIN)
def revoke_token() -> ResponseReturnValue:
    """It opens nothing any more."""
    with writing() as db:
        tokens.revoke(db, request.form.get("person", ""), request.form.get("name", ""), by())
    return redirect(url_for("people.page"))


def _page(*, shown: Secret | None = None) -> str:
    """`shown`: a token that is on this answer alone, and never again."""
    return render_template(
        "people.html",
        people=users.everybody(database()),
        roles=[*Role],
        tokens=tokens.of(database()),
        shown=shown.reveal() if shown else None,
        zone=str(zone()),
        zones=sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")),
        audit=database().execute("SELECT * FROM audit ORDER BY id DESC LIMIT ?", (AUDIT_LINES,)).fetchall(),
    )


def _role() -> Role:
    return Role.ADMIN if request.form.get("role") == Role.ADMIN else Role.VIEWER


def _password() -> Secret:
    return Secret(request.form.get("password", "")[:LONGEST_PASSWORD])
