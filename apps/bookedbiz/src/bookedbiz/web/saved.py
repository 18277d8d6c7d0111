"""Saved filters: a name for the address of any report, one's own or shared, offered on every report's page."""

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from bookedbiz.errors import Refused
from bookedbiz.saved_filters import SavedFilter, drop_filter, save_filter, saved_filters
from bookedbiz.web.context import database, writing
from bookedbiz.web.roles import SIGNED_IN, only
from station_pages.addresses import local_path
from station_pages.guard import may_ask

blueprint = Blueprint("saved", __name__, url_prefix="/filters")

_WORK = ("/api/", "/users/", "/audit", "/filters/", "/imports/", "/names/", "/sign-", "/static/")  # no reports there


@blueprint.post("/")
@only(SIGNED_IN)
def save() -> ResponseReturnValue:
    """Keep the address of a report under a name."""
    path, query = request.form.get("path", ""), request.form.get("query", "")
    if not may_open(path):
        raise Refused("Filter not saved: that is no report", "Open the report and save from there")
    new = SavedFilter(0, request.form.get("name", ""), path, query, request.form.get("shared") == "1", True, "")
    with writing() as (db, by):
        save_filter(db, current_user.user_id, new, by)
    flash(f"Filter {' '.join(new.name.split())} saved.")
    return redirect(new.address, 303)


@blueprint.post("/<int:filter_id>/remove")
@only(SIGNED_IN)
def remove(filter_id: int) -> ResponseReturnValue:
    """Forget one of one's own."""
    with writing() as (db, by):
        path = drop_filter(db, current_user.user_id, filter_id, by)
    return redirect(local_path(request.form.get("back", "") or path, url_for("reports.home")), 303)


def offered() -> list[SavedFilter]:
    """Those that this person can open: their own, and shared ones of pages that their role includes."""
    return [one for one in saved_filters(database(), current_user.user_id) if may_open(one.path)]


def can_save() -> bool:
    """Whether the page that is shown is one that a name can be given to."""
    return request.method == "GET" and may_open(request.path)


def may_open(path: str) -> bool:
    """Whether that is the page of a report, here, which this person may ask for."""
    if path.startswith(_WORK) or path == "/" or local_path(path, "/") != path:
        return False
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    allowed = may_ask(current_app, endpoint)
    is_page = "export" not in endpoint and not path.endswith((".csv", ".xlsx", ".json"))
    return bool(allowed) and is_page and current_user.role in (allowed or ())
