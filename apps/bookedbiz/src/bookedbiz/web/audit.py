"""The audit, for administrators: who changed what, newest first."""

from flask import Blueprint, render_template, request

from bookedbiz.web.context import database
from bookedbiz.web.roles import ADMIN, only

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

SHOWN = 300


@blueprint.get("/")
@only(ADMIN)
def lines() -> str:
    """Who changed what?"""
    about = request.args.get("about", "").strip()[:120]
    rows = database().execute(
        """SELECT id, at, actor, action, key, old, new, extra,
               id IN (SELECT CAST(extra ->> 'undoes' AS INTEGER) FROM audit WHERE extra LIKE '{"undoes"%') AS undone
           FROM audit WHERE :about = '' OR instr(lower(key), lower(:about)) ORDER BY id DESC LIMIT :shown""",
        {"about": about, "shown": SHOWN},
    )
    return render_template("audit.html", lines=rows.fetchall(), about=about, shown=SHOWN)
