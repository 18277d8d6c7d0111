"""The workbook exports: a token in the header opens them, or the session of somebody in management."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from flask import Blueprint, Response, abort, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.exports import tokens, written
from bookedbiz.exports.fingerprint import HASH_VERSION
from bookedbiz.exports.plan_rows import plan_rows
from bookedbiz.exports.tuples import TupleMonths, tuples
from bookedbiz.exports.written import Value
from bookedbiz.months import month_of, parse_month, station_day
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.reports.heavy import heavy
from bookedbiz.reports.remembered import remembered
from bookedbiz.web.context import database, now
from bookedbiz.web.roles import EVERYBODY, MANAGEMENT, only

blueprint = Blueprint("exports", __name__, url_prefix="/api/revenue")

TOKEN_HEADER: Final = "X-SpotOps-Token"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


@blueprint.before_request
def require_token() -> ResponseReturnValue | None:
    """Let a workbook in by its token, a person by their session, nobody else."""
    given = request.headers.get(TOKEN_HEADER)
    if given is None and current_user.is_authenticated and current_user.role in MANAGEMENT:
        return None
    db = database()
    if not tokens.any_token(db):
        return jsonify(
            {"error": "Export is misconfigured", "message": "No token was made yet: bookedbiz token new NAME"}
        ), 503
    if given is None or not tokens.opens(db, given):
        return jsonify({"error": "Authentication required"}), 401
    return None


@blueprint.get("/sheet-export")
@only(EVERYBODY)
def sheet_export() -> ResponseReturnValue:
    """What is booked, by workbook tuple and month."""
    return _sheet("json")


@blueprint.get("/sheet-export.<kind>")
@only(EVERYBODY)
def sheet_export_file(kind: str) -> ResponseReturnValue:
    """The same as a file, for who has no Power Query."""
    return _sheet(kind)


@blueprint.get("/planning-export")
@only(EVERYBODY)
def planning_export() -> ResponseReturnValue:
    """What is planned and booked, by entity and month of a year."""
    return _planning("json")


@blueprint.get("/planning-export.<kind>")
@only(EVERYBODY)
def planning_export_file(kind: str) -> ResponseReturnValue:
    """The same as a file."""
    return _planning(kind)


def _sheet(kind: str) -> ResponseReturnValue:
    first, last = request.args.get("start_month") or None, request.args.get("end_month") or None
    try:
        months = [parse_month(text) if text else None for text in (first, last)]
    except ValueError as why:
        return _refused("INVALID_MONTH", f"{why}; write it like Nov-26")
    with_contract = request.args.get("fields") == "contract"
    if kind == "json" and request.accept_encodings["gzip"] > 0:
        question = ("sheet export", *months, with_contract)
        content = remembered(
            database(), question, lambda: _packed_sheet(months, (first, last), with_contract=with_contract)
        )
        return Response(content, content_type="application/json", headers={"Content-Encoding": "gzip"})
    found = tuples(database(), *months)
    metadata = _about_sheet(found, (first, last), with_contract=with_contract)
    if kind == "json":
        pieces = written.sheet_to_json(metadata, found, with_contract=with_contract)
        return Response(pieces, content_type="application/json")
    fields = (*written.SHEET_FIELDS, *(written.CONTRACT_FIELDS if with_contract else ()))
    return _answer(kind, "sheet-export", metadata, fields, written.sheet_values(found, with_contract=with_contract))


def _packed_sheet(months: list[int | None], asked: tuple[str | None, str | None], *, with_contract: bool) -> bytes:
    """The whole export as it is sent, half a megabyte, with the moment at which it was generated."""
    with heavy():
        found = tuples(database(), *months)
        metadata = _about_sheet(found, asked, with_contract=with_contract)
        return b"".join(written.gzipped(written.sheet_to_json(metadata, found, with_contract=with_contract)))


def _about_sheet(
    found: Sequence[TupleMonths], asked: tuple[str | None, str | None], *, with_contract: bool
) -> dict[str, Value]:
    first, last = asked
    return {
        "generated_at": _stamp(),
        "start_month": first,
        "end_month": last,
        "hash_version": HASH_VERSION,
        "schema_version": "1.2" if with_contract else "1.1",
        "row_hash_source": "server",
        "row_count": sum(len(each.cents) for each in found),
    }


def _planning(kind: str) -> ResponseReturnValue:
    asked = request.args.get("year")
    year = month_of(station_day(now())) // 100 if asked is None else _year(asked)
    if year is None:
        return _refused("INVALID_YEAR", f"{asked!r} is no year; write it like 2026")
    db = database()
    rows = plan_rows(entities(db), load_plans(db, year * 100 + 1, year * 100 + 12), year)
    metadata: dict[str, Value] = {
        "generated_at": _stamp(),
        "schema_version": "1.0",
        "year": year,
        "row_count": len(rows),
    }
    return _answer(kind, "planning-export", metadata, written.PLAN_FIELDS, written.plan_values(rows))


def _answer(
    kind: str, name: str, metadata: dict[str, Value], fields: Sequence[str], rows: Iterable[tuple[Value, ...]]
) -> ResponseReturnValue:
    if kind == "json":
        return _streamed(written.to_json(metadata, fields, rows), "application/json")
    if kind == "csv":
        response = _streamed(written.to_csv(fields, rows), "text/csv; charset=utf-8")
    elif kind == "xlsx":
        response = make_response(written.to_xlsx(name, fields, rows))
        response.mimetype = _XLSX
    else:
        abort(404)
    response.headers["Content-Disposition"] = f'attachment; filename="bookedbiz-{name}.{kind}"'
    return response


def _streamed(pieces: Iterator[bytes], content_type: str) -> Response:
    """Sent while it is written, packed when that is wanted."""
    takes_gzip = request.accept_encodings["gzip"] > 0
    response = Response(written.gzipped(pieces) if takes_gzip else pieces, content_type=content_type)
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _year(text: str) -> int | None:
    fits = len(text) == 4 and text.isascii() and text.isdigit() and _FIRST_YEAR <= int(text) <= _LAST_YEAR
    return int(text) if fits else None


def _refused(code: str, message: str) -> ResponseReturnValue:
    return jsonify({"error": message, "error_code": code}), 400


def _stamp() -> str:
    return now().isoformat(timespec="seconds").replace("+00:00", "Z")
