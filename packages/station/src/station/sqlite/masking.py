"""A copy of a database with made-up values in chosen columns, for who may not see the real ones.

The copy is worked on in place, and then written anew into another file (VACUUM INTO): no page, no free space and no log
of that file ever held a real value.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from station.errors import DamagedObject, DatabaseError, Refused
from station.sqlite.madeup import MadeUp, Value, word_list
from station.sqlite.maskleft import Names, still_named
from station.sqlite.maskplan import FullText, Table, full_texts, quoted, tables_to_mask
from station.sqlite.scan import check_integrity

EMPTY = "empty"
WORDS = ("name", "email", "text", "code")  # kinds that are made of words, or may be
NAMES = ("name", "email")  # kinds that name somebody
_CACHE_KIB = 65536
_SAMPLES = ("sqlite_stat3", "sqlite_stat4")  # they hold values of indexed columns
_OTHER = 'select "notnull", type from pragma_table_info(?) where name = ?'


@dataclass(frozen=True)
class Masked:
    """What was done: the columns with their kinds, the other ends of foreign keys among them, and rows in all.

    `left`: how many texts of other columns still name what was masked.
    """

    columns: Mapping[str, str]
    rows: int
    left: Mapping[str, int]


def mask(source: Path, target: Path, columns: Mapping[str, str], key: bytes) -> Masked:
    """Write `source` with made-up values to `target`, which must not exist; `source` is spoiled on the way.

    `columns`: kinds by "table.column". `key`: 32 random bytes that nobody keeps, so that no value can be found again by
    trying. Refused when the columns are not there, or made-up values do not fit their table; DatabaseError when the
    database cannot be worked on; DamagedObject when the result is not sound.
    """
    try:
        with _opened(source) as db:
            tables = tables_to_mask(db, columns)
            broken = _broken_references(db)
            words, names = _words(db, tables)
            _bring_made_up(db, MadeUp(key, words))
            rows = sum(_mask_table(db, table) for table in tables)
            for index in full_texts(db):
                _refresh(db, index)
            _forget_samples(db)
            db.execute("vacuum into ?", (str(target),))
        told = {f"{table.name}.{column}": kind for table in tables for column, kind in table.masked.items()}
        _prove(target, broken)
        left = _left(target, names, told)
    except apsw.Error as why:
        raise DatabaseError(
            f"{source} not masked: {why}", "Does the app bring functions or collations of its own, which only it has?"
        ) from why
    return Masked(told, rows, left)


@contextmanager
def _opened(file: Path) -> Iterator[apsw.Connection]:
    """Without journal and triggers: what happens half is thrown away, and a trigger would do what the app does."""
    db = apsw.Connection(str(file))
    try:
        db.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        for name, value in {
            "journal_mode": "delete",  # a write-ahead log ends here
            "foreign_keys": "off",
            "synchronous": "off",
            "locking_mode": "exclusive",
            "cache_size": f"-{_CACHE_KIB}",
        }.items():
            db.pragma(name, value)
        db.pragma("journal_mode", "off")
        yield db
    finally:
        db.close()


def _bring_made_up(db: apsw.Connection, made: MadeUp) -> None:
    def made_up(*given: Any) -> Value:
        return made.value(str(given[0]), given[1])

    db.create_scalar_function("made_up", made_up, 2)


def _words(db: apsw.Connection, tables: list[Table]) -> tuple[set[str], Names]:
    """The words that are there: no made-up one of any length may be one of them. And the names, to look for them."""
    words: set[str] = set()
    names = Names()
    for table in tables:
        for column, kind in table.masked.items():
            if kind in WORDS:
                name = quoted(column)
                of = f"select distinct {name} from {quoted(table.name)} where typeof({name}) = 'text'"  # noqa: S608 - quoted
                for (text,) in db.execute(of):
                    words.update(word_list(str(text)))
                    if kind in NAMES:
                        names.add(str(text))
    return words, names


def _mask_table(db: apsw.Connection, table: Table) -> int:
    try:
        if table.module and not table.module.startswith("fts"):
            raise Refused(
                f"Nothing masked: {table.name} is a virtual table ({table.module})", "Mask what it is made of"
            )
        if table.is_rewritten:
            _rewrite(db, table)
        else:
            changes = ", ".join(f"{quoted(column)} = {_made(table, column)}" for column in table.masked)
            db.execute(f"update {quoted(table.name)} set {changes}")  # noqa: S608 - names from the schema, quoted
    except apsw.ConstraintError as why:
        kinds = ", ".join(f"{table.name}.{column} ({kind})" for column, kind in table.masked.items())
        raise Refused(
            f"Nothing masked: made-up values do not fit {table.name}: {why}",
            f"Choose another kind in the mask: {kinds}",
        ) from why
    counted = db.execute(f"select count(*) from {quoted(table.name)}").fetchone()  # noqa: S608 - as above
    return int(counted[0]) if counted else 0


def _rewrite(db: apsw.Connection, table: Table) -> None:
    """All rows at once: replaced one by one, a new value could be one that another row still has."""
    stored = [*([table.rowid] if table.rowid and not _has_integer_key(db, table) else []), *table.columns]
    given = [_made(table, name) if name in table.masked else quoted(name) for name in stored]
    names = [quoted(name) for name in stored]
    aside = ", ".join(f"{value} as c{place}" for place, value in enumerate(given))
    db.execute(f"create temp table aside as select {aside} from {quoted(table.name)}")  # noqa: S608 - as above
    db.execute(f"delete from {quoted(table.name)}")  # noqa: S608 - as above
    db.execute(f"insert into {quoted(table.name)} ({', '.join(names)}) select * from temp.aside")  # noqa: S608 - as above
    db.execute("drop table temp.aside")


def _has_integer_key(db: apsw.Connection, table: Table) -> bool:
    """Whether its row number is one of its columns."""
    keys = db.execute("select name, type from pragma_table_info(?) where pk > 0", (table.name,)).fetchall()
    return len(keys) == 1 and str(keys[0][1]).upper() == "INTEGER"


def _made(table: Table, column: str) -> str:
    """The expression for the made-up value of a column."""
    kind, name = table.masked[column], quoted(column)
    if kind != EMPTY:
        return f"made_up('{kind}', {name})"
    if table.columns[column].can_be_null:
        return "null"
    return f"case typeof({name}) when 'text' then '' when 'blob' then x'' else 0 end"


def _refresh(db: apsw.Connection, index: FullText) -> None:
    """An index whose text is stored is made anew from it; one that keeps no text is emptied."""
    name = quoted(index.name)
    if index.content is None and index.module != "fts5":
        raise Refused(
            f"Nothing masked: the full-text index {index.name} has words of which the text is not there",
            "Give it content=, or leave it out of the database",
        )
    order = "delete-all" if index.content is None else "rebuild"
    db.execute(f"insert into {name} ({name}) values (?)", (order,))  # noqa: S608 - as above


def _forget_samples(db: apsw.Connection) -> None:
    """What ANALYZE knows is made anew: it keeps values as samples."""
    known = {str(name) for (name,) in db.execute("select name from sqlite_schema where name like 'sqlite_stat%'")}
    for name in known.intersection(_SAMPLES):
        db.execute(f"drop table {name}")
    if known:
        db.execute("analyze")


def _broken_references(db: apsw.Connection) -> set[tuple[object, ...]]:
    """Foreign keys that lead nowhere, with how many rows."""
    return set(db.execute('select "table", parent, fkid, count(*) from pragma_foreign_key_check group by 1, 2, 3'))


def _left(target: Path, names: Names, masked: Mapping[str, str]) -> Mapping[str, int]:
    db = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return still_named(db, names, masked)
    finally:
        db.close()


def _prove(target: Path, broken: set[tuple[object, ...]]) -> None:
    db = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        new = _broken_references(db) - broken
    finally:
        db.close()
    fault = check_integrity(target) or (f"{len(new)} foreign keys lead nowhere" if new else None)
    if fault is not None:
        raise DamagedObject(
            f"The masked copy {target} is not sound: {fault}", "Is the database itself? station db test"
        )
