"""Storage: how much is kept, what goes when, and a look at what would go now."""

import json

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.errors import BadConfig
from pivision.pictures import retention
from pivision.pictures.retention import Rule
from pivision.web.context import by, context, database, folder, now, writing
from pivision.web.roles import ADMIN, SIGNED_IN, only
from pivision.web.statements import SQL

blueprint = Blueprint("storage", __name__)

_GB = 1e9
LIMITS = {"days": (0.01, 3650.0), "most_gb": (0.01, 100_000.0), "free_gb": (0.1, 100_000.0), "row_days": (1.0, 3650.0)}


@blueprint.get("/storage")
@only(SIGNED_IN)
def page() -> str:
    """What there is, and what goes when."""
    db = database()
    row = db.execute("SELECT last_success, last_error_at, last_error, details FROM health WHERE name = 'retention'")
    ran = row.fetchone()
    return render_template(
        "storage.html",
        rule=retention.rule(db),
        used=db.execute(SQL["storage_used"]).fetchone(),
        cameras=db.execute(SQL["storage_by_camera"]).fetchall(),
        database_bytes=context().settings.database.stat().st_size,
        ran=ran,
        report=json.loads(ran["details"]) if ran else {},
        planned=retention.run(db, folder(), now(), dry=True),
    )


@blueprint.post("/storage")
@only(ADMIN)
def save() -> ResponseReturnValue:
    """Other limits; the next run goes by them."""
    most = request.form.get("most_gb", "").strip()
    rule = Rule(
        days=_number("days"),
        most_bytes=int(_number("most_gb") * _GB) if most else None,
        least_free_bytes=int(_number("free_gb") * _GB),
        row_days=_number("row_days"),
    )
    with writing() as db:
        retention.set_rule(db, rule, by())
    return redirect(url_for("storage.page"))


def _number(name: str) -> float:
    text, (least, most) = request.form.get(name, "").strip().replace(",", "."), LIMITS[name]
    try:
        number = float(text)
    except ValueError as why:
        raise BadConfig(f"Not saved: {text!r} is no number") from why
    if not least <= number <= most:
        raise BadConfig(f"Not saved: {number:g} is not from {least:g} to {most:g}")
    return number
