"""The manager's page."""

from flask import Response, render_template

from bookedbiz.accounts.entry import Activity
from bookedbiz.accounts.team import team as team_of
from bookedbiz.web.accounts.shared import as_file, blueprint, last_refresh, today
from bookedbiz.web.context import database, now
from bookedbiz.web.roles import MANAGEMENT, only

QUESTION = "Who looks after what, and what does nobody look after?"
SHOWN = 30


@blueprint.get("/team")
@only(MANAGEMENT)
def team() -> str:
    """Who looks after what, and what does nobody look after?"""
    db = database()
    return render_template(
        "accounts-team.html",
        report=team_of(db, now(), today()),
        refresh=last_refresh(db),
        kinds=[kind.value for kind in Activity],
        question=QUESTION,
        nobodys_shown=SHOWN,
    )


@blueprint.get("/team.<kind>")
@only(MANAGEMENT)
def export_team(kind: str) -> Response:
    """The table of the team, as a file."""
    return as_file(kind, team_of(database(), now(), today()).tables, QUESTION)
