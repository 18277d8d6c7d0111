"""Names for programs: /api/canon/..., with the field names of the written contract and of those that were in use."""

import sqlite3
from collections.abc import Callable

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names import deeds
from bookedbiz.names.audit import By
from bookedbiz.names.directory import Alias, create_alias
from bookedbiz.names.effect import measured
from bookedbiz.names.queue import customers_like
from bookedbiz.names.text import name_key
from bookedbiz.web.context import database, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only

blueprint = Blueprint("canon", __name__, url_prefix="/api/canon")

SUGGESTED = 20


@blueprint.post("/agency")
@only(ADMIN)
def agency() -> ResponseReturnValue:
    """Another spelling of an agency; with `create_entity_alias`, of an advertiser of that name as well."""
    alias, canonical = _text("alias", "alias_name"), _text("canonical", "canonical_name")
    also = bool(_body().get("create_entity_alias"))

    def change(db: sqlite3.Connection, by: By) -> None:
        deeds.same_agency(db, alias, canonical, by)
        if also:
            deeds.same_advertiser(db, alias, canonical, by)

    return _changed(change)


@blueprint.post("/customer")
@only(ADMIN)
def customer() -> ResponseReturnValue:
    """Another spelling of an advertiser, whatever the agency."""
    alias, canonical = _text("alias", "alias_name"), _text("canonical", "canonical_name")
    return _changed(lambda db, by: deeds.same_advertiser(db, alias, canonical, by))


@blueprint.post("/raw-to-customer")
@only(ADMIN)
def raw_to_customer() -> ResponseReturnValue:
    """Say whom a bill code means, by the customer's name or id. 409 when it means somebody else."""
    raw, target = _text("raw", "raw_text"), _body().get("target_entity_id")
    name = "" if isinstance(target, int) else _text("normalized_name", "target_entity_id")

    def change(db: sqlite3.Connection, by: By) -> None:
        target_id = target if isinstance(target, int) else deeds.customer_named(db, name)
        known = db.execute(
            "SELECT customer_id FROM bill_code WHERE key = ? AND customer_id IS NOT NULL", (name_key(raw),)
        ).fetchone()
        if known and known[0] != target_id:
            raise Refused(f"{raw!r} means another customer already", "Take that back in the audit first")
        if not db.execute("SELECT 1 FROM customer WHERE id = ?", (target_id,)).fetchone():
            raise BookedBizError(f"There is no customer {target_id}")
        create_alias(db, Alias("bill_code", raw, target_id), by)

    return _changed(change)


@blueprint.get("/suggest/normalized")
@only(MANAGEMENT)
def suggest() -> ResponseReturnValue:
    """Up to twenty customers' names: those that begin with `q`, then those that hold it."""
    return {"names": customers_like(database(), name_key(request.args.get("q", "")[:120]), SUGGESTED)}


def _changed(change: Callable[[sqlite3.Connection, By], None]) -> ResponseReturnValue:
    with writing() as (db, by):
        effect = measured(db, lambda: change(db, by))
    return {"ok": True, "affected": effect.spots, "gross": effect.gross_cents / 100}


def _body() -> dict[str, object]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _text(*names: str) -> str:
    """The first of these fields that holds a text; 400 when none does."""
    values = [_body().get(name) for name in names]
    texts = [value.strip()[:300] for value in values if isinstance(value, str) and value.strip()]
    if not texts:
        abort(400)
    return texts[0]
