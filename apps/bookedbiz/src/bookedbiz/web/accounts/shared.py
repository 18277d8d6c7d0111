"""What the account pages share: whose accounts are meant, what somebody may touch, files, and the way back."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.months import month_of, station_day
from bookedbiz.reports import imports
from bookedbiz.reports.export import Heading, as_of_words, to_csv, to_xlsx
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Table
from bookedbiz.web import numbers
from bookedbiz.web.context import database, now
from station_pages.addresses import local_path

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")
blueprint.add_app_template_filter(numbers.dollars, "plain")
blueprint.add_app_template_filter(numbers.share, "part")

EVERYBODYS: Final = "all"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Whose:
    """Whose accounts a page is about: an AE's, or everybody's (None)."""

    ae_id: int | None
    name: str


@dataclass(frozen=True)
class _AccountHeading(Heading):
    """What a file of accounts says of itself."""

    asked: str = ""

    def lines(self) -> list[str]:
        return [self.title, *([self.asked] if self.asked else []), f"As of: {as_of_words(self.as_of)}"]


def today() -> date:
    """The station's day."""
    return station_day(now())


def whose(db: sqlite3.Connection) -> Whose:
    """An AE sees their own; who may see all sees theirs if they have any, else whose they ask for (`ae=`)."""
    only = current_user.only_ae_id
    asked = None if only is not None else request.args.get("ae")
    if asked is not None and asked != EVERYBODYS:
        row = db.execute("SELECT id, name FROM ae WHERE name = ?", (asked,)).fetchone()
    else:
        wanted = only if only is not None else current_user.ae_id if asked is None else None
        row = db.execute("SELECT id, name FROM ae WHERE id = ?", (wanted,)).fetchone()
        if row is None and only is not None:
            return Whose(only, "Nobody")
    return Whose(None, "All accounts") if row is None else Whose(row[0], row[1])


def require_mine(account_id: int) -> int:
    """The account, when this person may touch it; otherwise it is not there: 404."""
    row = (
        database()
        .execute(
            "SELECT id FROM account_shown WHERE id = :id AND (:ae_id IS NULL OR ae_id = :ae_id)",
            {"id": account_id, "ae_id": current_user.only_ae_id},
        )
        .fetchone()
    )
    return account_id if row is not None else abort(404)


def go_back(**place: object) -> ResponseReturnValue:
    """To where the form came from, else to the account, else to my accounts."""
    back = request.form.get("back", "")
    if back and local_path(back, "") == back:
        return redirect(back, 303)
    endpoint = "accounts.account" if "account_id" in place else "accounts.mine"
    return redirect(url_for(endpoint, **place), 303)  # type: ignore[arg-type]  # parts of an address


def as_file(kind: str, tables: Sequence[Table], title: str, asked: str = "") -> Response:
    """The tables as CSV or XLSX: what is shown, with cents."""
    made = {"csv": (to_csv, "text/csv; charset=utf-8"), "xlsx": (to_xlsx, _XLSX)}.get(kind)
    if made is None:
        abort(404)
    make, mimetype = made
    last = imports.last_completed(database())
    filters = Filters(month_of(today()) // 100)
    content = make(tables, _AccountHeading(title, filters, last.finished_at if last else None, asked))
    name = f"bookedbiz-{tables[0].name.replace(' ', '-')}-{today().isoformat()}.{kind}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def aes_of(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """The account executives that accounts can be given to."""
    return db.execute("SELECT id, name FROM ae WHERE active ORDER BY name").fetchall()


def last_refresh(db: sqlite3.Connection) -> sqlite3.Row | None:
    """When figures and signals were computed, and what went wrong since."""
    row: sqlite3.Row | None = db.execute("SELECT tried_at, refreshed_at, error FROM account_refresh").fetchone()
    return row
