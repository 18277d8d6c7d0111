"""The exports as JSON, CSV and XLSX, piece by piece: seven megabytes are never in memory at once as text."""

import csv
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from bookedbiz.exports.plan_rows import PlanRow
from bookedbiz.exports.tuples import Texts, TupleMonths
from bookedbiz.months import iso
from bookedbiz.reports.heavy import heavy

Value = str | int | float | None

_MONEY_FIELDS = ("broadcast_month", "gross_rate", "station_net", "broker_fees", "broker_yn", "broker_pct", "row_hash")
SHEET_FIELDS = (*Texts._fields, *_MONEY_FIELDS)
CONTRACT_FIELDS = ("contract", "agency_pct")
PLAN_FIELDS = (
    "ae1", "broadcast_month", "budget", "forecast", "booked", "new_accts", "new_dollars", "expected", "pipeline",
    "vs_budget",
)  # fmt: skip
_PIECE_ROWS = 1000
GZIP_LEVEL = 1  # measured on 34,000 rows: 5 takes twice the time and saves a third
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def sheet_values(tuples: Iterable[TupleMonths], *, with_contract: bool = False) -> Iterator[tuple[Value, ...]]:
    """The rows of the sheet export, in the order of SHEET_FIELDS, with CONTRACT_FIELDS at the end when asked for."""
    for each in tuples:
        contract = each.contract
        broker = (contract.broker_yn, contract.broker_pct) if contract else (None, None)
        more = ((contract.number, contract.agency_pct) if contract else (None, None)) if with_contract else ()
        for month, (gross, net, fees) in each.cents:
            yield (
                *each.texts, iso(month), gross / 100, net / 100, fees / 100, *broker,
                each.row_hash, *more,
            )  # fmt: skip


def plan_values(rows: Iterable[PlanRow]) -> Iterator[tuple[Value, ...]]:
    """The rows of the planning export, in the order of PLAN_FIELDS."""
    for row in rows:
        yield (
            row.ae1, iso(row.month), _dollars(row.budget), _dollars(row.forecast), _dollars(row.booked), row.new_accts,
            _dollars(row.new_dollars), _dollars(row.expected), _dollars(row.pipeline), _dollars(row.vs_budget),
        )  # fmt: skip


def to_json(metadata: dict[str, Value], fields: Sequence[str], rows: Iterable[tuple[Value, ...]]) -> Iterator[bytes]:
    """`{"metadata": …, "rows": [{…}, …]}`, in pieces."""
    head = json.dumps({"metadata": metadata})
    yield f'{head[:-1]}, "rows": ['.encode()
    shape = "{{" + ", ".join(f"{json.dumps(field)}: {{}}" for field in fields) + "}}"
    written = _Written()
    separator = ""
    for piece in _pieces(rows):
        lines = [
            shape.format(*[repr(value) if type(value) is float else written[value] for value in row]) for row in piece
        ]
        yield (separator + ",\n".join(lines)).encode()
        separator = ",\n"
    yield b"]}\n"


def sheet_to_json(metadata: dict[str, Value], tuples: Iterable[TupleMonths], *, with_contract: bool) -> Iterator[bytes]:
    """What `to_json` makes of `sheet_values`; what all months of a tuple share is written once."""
    head = json.dumps({"metadata": metadata})
    separator = f'{head[:-1]}, "rows": ['
    lines: list[str] = []
    written = _Month()
    for each in tuples:
        before, after = _around_the_money(each, with_contract=with_contract)
        lines += [
            f'{before}{written[month]}, "gross_rate": {gross / 100!r}, "station_net": {net / 100!r}, '
            f'"broker_fees": {broker / 100 if broker else 0.0!r}{after}'
            for month, (gross, net, broker) in each.cents
        ]
        if len(lines) >= _PIECE_ROWS:
            yield (separator + ",\n".join(lines)).encode()
            lines, separator = [], ",\n"
    yield (separator + ",\n".join(lines) if lines else "" if separator == ",\n" else separator).encode()
    yield b"]}\n"


def _around_the_money(each: TupleMonths, *, with_contract: bool) -> tuple[str, str]:
    """The line of a month up to the month itself, and from the money on."""
    contract = each.contract
    after: dict[str, Value] = {
        "broker_yn": contract.broker_yn if contract else None,
        "broker_pct": contract.broker_pct if contract else None,
        "row_hash": each.row_hash,
    }
    if with_contract:
        after["contract"] = contract.number if contract else None
        after["agency_pct"] = contract.agency_pct if contract else None
    return f'{json.dumps(each.texts._asdict())[:-1]}, "broadcast_month": ', f", {json.dumps(after)[1:]}"


def to_csv(fields: Sequence[str], rows: Iterable[tuple[Value, ...]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark and a line of field names, in pieces; no text runs as a formula."""
    yield b"\xef\xbb\xbf"
    for piece in _pieces([tuple(fields)], rows):
        text = io.StringIO()
        csv.writer(text).writerows([_harmless(value) for value in row] for row in piece)
        yield text.getvalue().encode()


def to_xlsx(name: str, fields: Sequence[str], rows: Iterable[tuple[Value, ...]]) -> bytes:
    """One sheet with a line of field names; numbers are numbers, texts are texts."""
    content = io.BytesIO()
    options: dict[str, Any] = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with heavy(), xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, fields, book.add_format({"bold": True, "bottom": 1}))
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows, start=1):
            for position, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, position, value)
                elif value is not None:
                    sheet.write_number(number, position, value)
        sheet.autofilter(0, 0, max(sheet.dim_rowmax or 0, 1), len(fields) - 1)
    return content.getvalue()


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, packed on the way."""
    packer = zlib.compressobj(GZIP_LEVEL, wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _pieces(*parts: Iterable[tuple[Value, ...]]) -> Iterator[list[tuple[Value, ...]]]:
    piece: list[tuple[Value, ...]] = []
    for part in parts:
        for row in part:
            piece.append(row)
            if len(piece) == _PIECE_ROWS:
                yield piece
                piece = []
    if piece:
        yield piece


class _Written(dict[Value, str]):
    """Texts and whole numbers in JSON, each written once: most come again and again."""

    def __missing__(self, value: Value) -> str:
        self[value] = json.dumps(value)
        return self[value]


class _Month(dict[int, str]):
    """Months in JSON, each written once."""

    def __missing__(self, month: int) -> str:
        self[month] = json.dumps(iso(month))
        return self[month]


def _dollars(cents: int | None) -> float | None:
    return None if cents is None else cents / 100


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value
