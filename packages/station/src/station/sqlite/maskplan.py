"""Which columns of a database get made-up values: those that are named, and the other ends of their foreign keys."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import apsw

from station.errors import Refused

_VIRTUAL = re.compile(r"create\s+virtual\s+table\b.*?\busing\s+(\w+)\s*(\(.*)?$", re.IGNORECASE | re.DOTALL)
_CONTENT = re.compile(r"[(,]\s*content\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,)\s]*))", re.IGNORECASE)
_NORMAL, _GENERATED = 0, (2, 3)


@dataclass(frozen=True)
class Column:
    """A column as SQLite tells it. `is_distinct`: no value may come twice, alone or with others."""

    name: str
    can_be_null: bool
    is_generated: bool
    is_distinct: bool


@dataclass(frozen=True)
class Table:
    """A table with the columns that are stored in it. `rowid`: what its row number is called, "" if it has none of its
    own. `masked`: kinds by column. `module`: of a virtual table."""

    name: str
    columns: Mapping[str, Column]
    rowid: str
    masked: Mapping[str, str]
    module: str = ""

    @property
    def is_rewritten(self) -> bool:
        """Whether a value must be distinct from others: they cannot be replaced one by one."""
        return any(self.columns[column].is_distinct for column in self.masked)


@dataclass(frozen=True)
class FullText:
    """A full-text index. `content`: the table whose text it has, "" for its own, None when it keeps none."""

    name: str
    module: str
    content: str | None


def tables_to_mask(db: apsw.Connection, mask: Mapping[str, str]) -> list[Table]:
    """The tables with columns to mask. Refused, listing what there is, when the mask names what is not."""
    kinds = dict(_known(db, mask))
    for (table, column), kind in list(kinds.items()):
        _spread(db, kinds, (table, column), kind)
    names = sorted({table for table, _ in kinds})
    return [
        _table(db, name, {column: kind for (table, column), kind in kinds.items() if table == name}) for name in names
    ]


def full_texts(db: apsw.Connection) -> list[FullText]:
    """All full-text indices of the database."""
    return [
        FullText(name, module, _content(arguments))
        for name, module, arguments in _virtual(db)
        if module in ("fts3", "fts4", "fts5")
    ]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _known(db: apsw.Connection, mask: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    rows = db.execute("select name, type from sqlite_schema where type in ('table', 'view')")
    there = {str(name).casefold(): (str(name), str(kind)) for name, kind in rows}
    tables = [name for name, what in there.values() if what == "table" and not name.startswith("sqlite_")]
    for asked, kind in mask.items():
        table, _, column = asked.partition(".")
        name, what = there.get(table.casefold(), ("", ""))
        if what != "table":
            is_not = f"{name} is a view: mask the columns that it shows" if what else f"there is no table {table}"
            raise _refused(asked, is_not, f"The tables are {', '.join(sorted(tables))}")
        columns = _columns(db, name)
        found = next((one for one in columns.values() if one.name.casefold() == column.casefold()), None)
        if found is None:
            raise _refused(asked, f"{name} has no column {column}", f"Its columns are {', '.join(columns)}")
        if found.is_generated:
            raise _refused(asked, "SQLite makes that column of others", "Mask those that it is made of")
        yield (name, found.name), kind


def _refused(asked: str, why: str, hint: str) -> Refused:
    return Refused(f"Nothing masked: the mask names {asked}, and {why}", hint)


def _spread(db: apsw.Connection, kinds: dict[tuple[str, str], str], end: tuple[str, str], kind: str) -> None:
    """Give the other ends of all foreign keys the same kind: both ends of a reference get the same value."""
    waiting = [end]
    ends = list(_references(db))
    while waiting:
        one = waiting.pop()
        for other in [b for a, b in ends if a == one] + [a for a, b in ends if b == one]:
            if other not in kinds:
                kinds[other] = kind
                waiting.append(other)
            elif kinds[other] != kind:
                raise Refused(
                    f"Nothing masked: {'.'.join(one)} is {kind}, and {'.'.join(other)} at the other end of a "
                    f"foreign key is {kinds[other]}",
                    "Give both the same kind, or name only one of them",
                )


def _references(db: apsw.Connection) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Child and parent column of each foreign key."""
    tables = [str(name) for (name,) in db.execute("select name from sqlite_schema where type = 'table'")]
    exact = {name.casefold(): name for name in tables}
    for child in tables:
        rows = db.execute('select seq, "table", "from", "to" from pragma_foreign_key_list(?)', (child,))
        for sequence, told, column, to in cast("list[tuple[int, str, str, str | None]]", rows.fetchall()):
            parent = exact.get(str(told).casefold())
            if parent is not None:
                yield (
                    (child, _exact(db, child, column)),
                    (parent, _exact(db, parent, to or _keys(db, parent)[sequence])),
                )


def _exact(db: apsw.Connection, table: str, column: str) -> str:
    """The column's name as the table has it."""
    return next(name for name in _columns(db, table) if name.casefold() == column.casefold())


def _keys(db: apsw.Connection, table: str) -> list[str]:
    rows = db.execute("select name from pragma_table_info(?) where pk > 0 order by pk", (table,))
    return [str(name) for (name,) in rows]


def _columns(db: apsw.Connection, table: str) -> dict[str, Column]:
    distinct = _distinct(db, table)
    rows = db.execute('select name, "notnull", pk, hidden from pragma_table_xinfo(?)', (table,))
    return {
        name: Column(name, not must and not key, hidden in _GENERATED, bool(key) or name in distinct)
        for name, must, key, hidden in rows
        if hidden == _NORMAL or hidden in _GENERATED
    }


def _distinct(db: apsw.Connection, table: str) -> set[str]:
    """Columns that a unique index is about. One over an expression or with a condition is about all of the table."""
    names: set[str] = set()
    for index, partial in db.execute(
        'select name, partial from pragma_index_list(?) where "unique"', (table,)
    ).fetchall():
        told = [name for (name,) in db.execute("select name from pragma_index_info(?)", (index,))]
        if partial or None in told:
            told = [name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))]
        names.update(told)
    return names


def _table(db: apsw.Connection, name: str, masked: Mapping[str, str]) -> Table:
    columns = {key: column for key, column in _columns(db, name).items() if not column.is_generated}
    module = next((module for other, module, _ in _virtual(db) if other == name), "")
    rows = db.execute("select wr from pragma_table_list(?) where schema = 'main'", (name,)).fetchall()
    taken = {column.casefold() for column in columns}
    free = [word for word in ("rowid", "_rowid_", "oid") if word not in taken]
    return Table(name, columns, "" if rows[0][0] or not free else free[0], masked, module)


def _virtual(db: apsw.Connection) -> list[tuple[str, str, str]]:
    rows = db.execute(
        "select name, sql from sqlite_schema where type = 'table' and sql like 'create%virtual%'"
    ).fetchall()
    found = [(str(name), _VIRTUAL.match(str(sql))) for name, sql in rows]
    return [(name, match[1].lower(), match[2] or "") for name, match in found if match]


def _content(arguments: str) -> str | None:
    found = _CONTENT.search(arguments)
    return (found[1] or found[2] or found[3] or None) if found else ""
