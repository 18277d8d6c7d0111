"""A row of the workbook as a line of the table `spot`: texts become ids, new ones are added on the way."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, cast

from bookedbiz.names.billcode import parse_bill_code
from bookedbiz.names.codes import CodeTable
from bookedbiz.names.people import sales_person_name
from bookedbiz.names.resolve import load_aes, load_names
from bookedbiz.names.text import name_key, tidy
from bookedbiz.workbook.columns import POSITION
from bookedbiz.workbook.issues import Issue
from bookedbiz.workbook.rows import Row


class Spot(NamedTuple):
    """The columns of the table, in its order, without the id."""

    row_hash: int
    batch_id: int
    sheet_id: int
    month: int
    month_derived: int
    bill_code_id: int
    air_day: int | None
    end_day: int | None
    time_in_s: int | None
    time_out_s: int | None
    length_s: int | None
    media_id: int | None
    comments: str | None
    language_id: int
    format_id: int | None
    unit: str | None
    line: str | None
    spot_type_id: int
    estimate: str | None
    gross_cents: int | None
    make_good_id: int | None
    value_cents: int | None
    broker_cents: int | None
    priority_id: int | None
    net_cents: int | None
    sales_person_id: int
    revenue_type_id: int
    billing_type: str | None
    agency_flag_id: int | None
    affidavit_id: int | None
    contract_id: int | None
    market_id: int


_BILL_CODE, _MARKET, _LANGUAGE, _SPOT_TYPE, _REVENUE_TYPE = (
    POSITION[name] for name in ("bill_code", "market", "language", "spot_type", "revenue_type")
)

_INSERT_SPOT = f"INSERT INTO spot (id, {', '.join(Spot._fields)}) VALUES (?{', ?' * len(Spot._fields)})"  # noqa: S608 - our own column names
_INSERT_ISSUE = "INSERT OR IGNORE INTO issue (spot_id, position, code, raw, row) VALUES (?, ?, ?, ?, ?)"
_SPOT_COLUMNS = ", ".join(Spot._fields)
_KEEP_SPOT = (
    f"INSERT INTO removed_spot (removed_in, id, {_SPOT_COLUMNS}) SELECT ?, id, {_SPOT_COLUMNS} FROM spot WHERE id = ?"  # noqa: S608 - our own column names
)
_KEEP_ISSUES = """INSERT INTO removed_issue (removed_in, spot_id, position, code, raw, row)
                  SELECT ?, spot_id, position, code, raw, row FROM issue WHERE spot_id = ?"""
_SELECT_SPOT = f"SELECT {', '.join(Spot._fields)} FROM spot WHERE id = ?"  # noqa: S608 - our own column names


class Texts(dict[str, int]):
    """The ids of one table's texts, read once; a text that it does not know is added by `add`."""

    def __init__(self, known: Iterable[tuple[str, int]], add: Callable[[str], int]) -> None:
        super().__init__(known)
        self._add = add

    def __missing__(self, text: str) -> int:
        self[text] = self._add(text)
        return self[text]


class _Coded(NamedTuple):
    """The ids of a row's codes, and what is to be said of them."""

    bill_code_id: int
    market_id: int
    language_id: int
    spot_type_id: int
    revenue_type_id: int
    issues: list[Issue]


class SpotWriter:
    """Stores rows for one batch, in the caller's transaction. With `undoable`, what it removes can be put back."""

    def __init__(self, db: sqlite3.Connection, batch_id: int, *, undoable: bool = False) -> None:
        self._db = db
        self._batch_id = batch_id
        self._undoable = undoable
        self._names = load_names(db)
        self._aes = load_aes(db)
        self._bill_codes = self._texts("SELECT raw, id FROM bill_code", self._add_bill_code)
        self._sales_persons = self._texts("SELECT raw, id FROM sales_person", self._add_sales_person)
        self._labels = self._texts("SELECT text, id FROM label", self._add_label)
        self._contracts = self._texts(
            "SELECT number, id FROM contract WHERE first_batch_id IS NOT NULL", self._add_contract
        )
        self.sheets = self._texts("SELECT name, id FROM sheet", self._add_sheet)
        self._markets = CodeTable(db, "market")
        self._languages = CodeTable(db, "language")
        self._spot_types = CodeTable(db, "spot_type")
        self._revenue_types = CodeTable(db, "revenue_type")
        self._readable: dict[str, bool] = {}
        self._combinations: dict[tuple[object, ...], _Coded] = {}
        self.ids: tuple[int, int] | None = None  # of all that it added: the first and the last

    def issues(self, row: Row) -> Sequence[Issue]:
        """The row's issues with those that only the ledger can see: codes and names that it does not know."""
        return _with(row.issues, self._coded(row).issues)

    def _spot(self, row: Row, coded: _Coded) -> Spot:
        """The line of the table that the row becomes."""
        # By place, not by name: a hundred thousand of them. Each column's parser gives numbers or texts, never both.
        (
            _, air, end, _, time_in, time_out, length, media, comments, _, kind, unit, line, _, estimate, gross,
            make_good, value, _, broker, priority, net, seller, _, billing, agency_flag, affidavit, contract, _,
        ) = cast(tuple[Any, ...], row.values)  # fmt: skip
        labels = self._labels
        return Spot(
            row.row_hash,
            self._batch_id,
            self.sheets[row.sheet],
            row.month,
            int(row.month_derived),
            coded.bill_code_id,
            air,
            end,
            time_in,
            time_out,
            length,
            None if media is None else labels[media],
            comments,
            coded.language_id,
            None if kind is None else labels[kind],
            unit,
            line,
            coded.spot_type_id,
            estimate,
            gross,
            None if make_good is None else labels[make_good],
            value,
            broker,
            None if priority is None else labels[priority],
            net,
            self._sales_persons[seller or ""],
            coded.revenue_type_id,
            billing,
            None if agency_flag is None else labels[agency_flag],
            None if affidavit is None else labels[affidavit],
            None if contract is None else self._contracts[contract],
            coded.market_id,
        )

    def add(self, rows: Iterable[Row]) -> list[Spot]:
        """Store the rows with their issues; what was stored."""
        first_id = _next_id(self._db)
        spots: list[Spot] = []
        issues: list[tuple[int, int, str, str, int]] = []
        for spot_id, row in enumerate(rows, start=first_id):
            coded = self._coded(row)
            spots.append(self._spot(row, coded))
            for issue in _with(row.issues, coded.issues):
                issues.append((spot_id, *issue, row.number))
        self._db.executemany(_INSERT_SPOT, ((spot_id, *spot) for spot_id, spot in enumerate(spots, start=first_id)))
        self._db.executemany(_INSERT_ISSUE, issues)
        if spots:
            self.ids = (self.ids or (first_id,))[0], first_id + len(spots) - 1
        return spots

    def remove(self, ids: Iterable[int]) -> list[Spot]:
        """Take the spots out with their issues; what they were."""
        removed = []
        for spot_id in ids:
            removed.append(Spot(*self._db.execute(_SELECT_SPOT, (spot_id,)).fetchone()))
            if self._undoable:
                self._db.execute(_KEEP_SPOT, (self._batch_id, spot_id))
                self._db.execute(_KEEP_ISSUES, (self._batch_id, spot_id))
            self._db.execute("DELETE FROM spot WHERE id = ?", (spot_id,))
        return removed

    def _coded(self, row: Row) -> _Coded:
        """What the row's codes mean: found out once for each combination, of which a month has some hundreds."""
        values = row.values
        key = (values[_BILL_CODE], values[_MARKET], values[_LANGUAGE], values[_SPOT_TYPE], values[_REVENUE_TYPE])
        known = self._combinations.get(key)
        if known is None:
            known = self._combinations[key] = self._look_up(*(None if each is None else str(each) for each in key))
        return known

    def _look_up(
        self, bill_code: str | None, market: str | None, language: str | None, spot_type: str | None, kind: str | None
    ) -> _Coded:
        found = [
            (POSITION["market"], self._markets.find(market), market),
            (POSITION["language"], self._languages.find(language), language),
            (POSITION["spot_type"], self._spot_types.find(spot_type), spot_type),
            (POSITION["revenue_type"], self._revenue_types.find(kind), kind),
        ]
        issues = [Issue(position, code, text) for position, (_, code), text in found if text is not None and code]
        if bill_code and not self._is_readable(bill_code):
            issues.append(Issue(0, "unreadable_bill_code", bill_code))
        market_id, language_id, spot_type_id, revenue_type_id = (code_id for _, (code_id, _), _ in found)
        bill_code_id = self._bill_codes[bill_code or ""]
        return _Coded(bill_code_id, market_id, language_id, spot_type_id, revenue_type_id, issues)

    def _is_readable(self, raw: str) -> bool:
        if raw not in self._readable:
            self._readable[raw] = parse_bill_code(raw, self._names.noise).readable
        return self._readable[raw]

    def _texts(self, sql: str, add: Callable[[str], int]) -> Texts:
        return Texts(((text, text_id) for text, text_id in self._db.execute(sql)), add)

    def _add_bill_code(self, raw: str) -> int:
        parsed = parse_bill_code(raw, self._names.noise)
        return self._insert(
            """INSERT INTO bill_code (raw, key, agency_text, customer_text, is_worldlink, customer_id, first_batch_id)
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            raw,
            name_key(raw),
            ":".join(parsed.agencies) or None,
            parsed.customer,
            int(parsed.is_worldlink),
            self._names.customer_of(raw, parsed),
            self._batch_id,
        )

    def _add_sales_person(self, raw: str) -> int:
        key = name_key(sales_person_name(raw))
        return self._insert(
            "INSERT INTO sales_person (raw, key, ae_id) VALUES (?, ?, ?) RETURNING id", raw, key, self._aes.get(key)
        )

    def _add_label(self, text: str) -> int:
        return self._insert("INSERT INTO label (text) VALUES (?) RETURNING id", text)

    def _add_contract(self, number: str) -> int:
        """A contract that came with nothing but an import that was taken back comes now."""
        return self._insert(
            """INSERT INTO contract (number, first_batch_id) VALUES (?, ?)
               ON CONFLICT (number) DO UPDATE SET first_batch_id = excluded.first_batch_id RETURNING id""",
            number,
            self._batch_id,
        )

    def _add_sheet(self, name: str) -> int:
        return self._insert("INSERT INTO sheet (name) VALUES (?) RETURNING id", tidy(name))

    def _insert(self, sql: str, *values: object) -> int:
        return int(self._db.execute(sql, values).fetchone()[0])


def _with(own: Sequence[Issue], seen: Sequence[Issue]) -> Sequence[Issue]:
    return [*own, *seen] if seen else own


def _next_id(db: sqlite3.Connection) -> int:
    """An id that no spot has or ever had."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'spot'").fetchone()
    return int(row[0]) + 1 if row else 1
