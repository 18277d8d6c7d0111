"""A masked copy looks like the database, holds together, and has nothing of what was masked in any of its bytes."""

import re
from pathlib import Path

import apsw
import pytest

from station.errors import DatabaseError, Refused
from station.sqlite.masking import mask
from station.sqlite.scan import check_integrity

KEY = bytes(range(32))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Customers and their orders, with whatever a database can have around them."""
    file = tmp_path / "source.db"
    _run(
        file,
        """
        pragma journal_mode = wal;
        create table customers (name text not null, email text collate nocase unique,
            phone text check (length(phone) > 3), born text, note text,
            shouted text as (upper(name)) stored, password text, primary key (name)) strict;
        create table orders (id integer primary key, customer text not null references customers (name),
            number integer not null unique, cents integer, placed_at text, reference text unique) strict;
        create table changes (what text);
        create trigger told after update on customers begin insert into changes values (old.name); end;
        create trigger kept before delete on customers begin select raise(abort, 'customers are kept'); end;
        create index by_born on customers (born) where note is not null;
        create view loud as select shouted from customers;
        create virtual table found using fts5 (note, content='customers');
        """,
    )
    with apsw.Connection(str(file)) as db:
        for place in range(200):
            name = f"Quimby Harrowgate {_letters(place)}"
            db.execute(
                "insert into customers (name, email, phone, born, note, password) values (?, ?, ?, ?, ?, ?)",
                (
                    name,
                    f"Quimby.{_letters(place)}@harrowgate.com",
                    f"+1 (206) 555-{place:04d}",
                    "1981-03-04",
                    f"wants thingamajig {place:06d}" if place else None,
                    "argon2 secretsalt",
                ),
            )
            db.execute(
                "insert into orders values (?, ?, ?, ?, ?, ?)",
                (place, name, 1000 + place, place * 100, "2026-11-21T02:45:07.123Z", f"ORD-{place:04d}-x"),
            )
        db.execute("insert into found (found) values ('rebuild')")
        db.execute("analyze")
        db.execute("delete from customers where 0")
    db.close()
    return file


MASK = {
    "customers.name": "name",
    "customers.email": "email",
    "customers.phone": "phone",
    "customers.born": "date",
    "customers.note": "text",
    "customers.password": "empty",
    "orders.number": "number",
    "orders.cents": "number",
    "orders.reference": "code",
    "orders.placed_at": "date",
}


@pytest.fixture
def masked(source: Path, tmp_path: Path) -> Path:
    target = tmp_path / "masked.db"
    mask(source, target, MASK, KEY)
    return target


def test_no_byte_of_the_masked_file_is_of_a_real_value(source: Path, masked: Path) -> None:
    assert b"thingamajig" in source.read_bytes()
    bytes_of_it = masked.read_bytes().lower()
    for original in (b"quimby", b"harrowgate", b"thingamajig", b"555-0", b"1981-03-04", b"ord-0", b"secretsalt"):
        assert original not in bytes_of_it
    assert [path.name for path in masked.parent.iterdir() if path.name.startswith("masked.db")] == ["masked.db"]


def test_the_copy_is_sound_and_its_references_lead_to_the_same_rows(source: Path, masked: Path) -> None:
    assert check_integrity(masked) is None
    assert _rows(masked, "pragma foreign_key_check") == []
    joined = (
        "select orders.id, customers.rowid from orders join customers on customers.name = orders.customer order by 1"
    )
    assert len(_rows(masked, joined)) == 200
    assert _rows(masked, "select count(distinct name), count(distinct email) from customers") == [(200, 200)]
    assert _rows(masked, "select count(distinct number), count(distinct reference) from orders") == [(200, 200)]


def test_a_value_keeps_its_look(masked: Path) -> None:
    name, email, phone, born, note, shouted, password = _rows(masked, "select * from customers where rowid = 18")[0]
    assert re.fullmatch(r"[A-Z][a-z]{5} [A-Z][a-z]{9} [A-Z][a-z]+", str(name))
    assert re.fullmatch(r"[A-Z][a-z]{5}\.[A-Z][a-z]+@[a-z]{10}\.example", str(email))
    assert re.fullmatch(r"\+\d \(\d{3}\) \d{3}-\d{4}", str(phone))
    assert re.fullmatch(r"1981-\d\d-\d\d", str(born))
    assert re.fullmatch(r"[a-z]{5} [a-z]{11} \d{6}", str(note))
    assert shouted == str(name).upper()
    assert password is None
    number, cents, placed_at, reference = _rows(
        masked, "select number, cents, placed_at, reference from orders where id = 17"
    )[0]
    assert (len(str(number)), len(str(cents))) == (4, 4)
    assert re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(placed_at))
    assert re.fullmatch(r"[A-Z]{3}-\d{4}-[a-z]", str(reference))


def test_null_and_zero_stay(masked: Path) -> None:
    assert _rows(masked, "select count(*) from customers where note is null") == [(1,)]
    assert _rows(masked, "select cents from orders where id = 0") == [(0,)]


def test_the_same_word_is_the_same_everywhere_and_in_any_case(masked: Path) -> None:
    assert _rows(masked, "select count(distinct substr(name, 1, 17)) from customers") == [(1,)]
    first = _rows(masked, "select name, email from customers where rowid = 3")[0]
    assert str(first[1]).startswith(str(first[0]).split(" ", maxsplit=1)[0] + ".")


def test_triggers_do_not_run_and_are_there_afterwards(masked: Path) -> None:
    assert _rows(masked, "select count(*) from changes") == [(0,)]
    assert _rows(masked, "select name from sqlite_schema where type = 'trigger' order by 1") == [("kept",), ("told",)]


def test_a_full_text_index_finds_the_new_words_and_not_the_old(masked: Path) -> None:
    assert _rows(masked, "select count(*) from found where found match 'thingamajig'") == [(0,)]
    row, note = _rows(masked, "select rowid, note from customers where note is not null limit 1")[0]
    last = str(note).split()[-1]
    assert (row,) in _rows(masked, f"select rowid from found where found match '{last}'")


def test_another_key_gives_other_values(source: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    again.write_bytes(source.read_bytes())
    mask(source, tmp_path / "one.db", MASK, KEY)
    mask(again, tmp_path / "two.db", MASK, bytes(32))
    question = "select name from customers where rowid = 5"
    assert _rows(tmp_path / "one.db", question) != _rows(tmp_path / "two.db", question)


def test_a_column_that_still_names_somebody_is_told(source: Path, tmp_path: Path) -> None:
    _run(source, "insert into changes values ('for quimby HARROWGATE zaaab, at noon'), ('Quimby'), ('nothing')")
    done = mask(source, tmp_path / "masked.db", {"customers.name": "name"}, KEY)
    assert done.left == {"changes.what": 1}


def test_both_ends_of_a_foreign_key_are_masked_when_one_is_named(source: Path, tmp_path: Path) -> None:
    done = mask(source, tmp_path / "masked.db", {"orders.customer": "name"}, KEY)
    assert done.columns == {"customers.name": "name", "orders.customer": "name"}
    assert done.rows == 400


@pytest.mark.parametrize(
    ("column", "said", "hint"),
    [
        ("custmers.name", "there is no table custmers", "The tables are changes, customers, found"),
        ("customers.nam", "customers has no column nam", "Its columns are name, email, phone"),
        ("loud.shouted", "loud is a view", "The tables are"),
        ("customers.shouted", "SQLite makes that column of others", "Mask those"),
    ],
)
def test_a_mask_of_what_is_not_there_says_what_is(
    source: Path, tmp_path: Path, column: str, said: str, hint: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        mask(source, tmp_path / "masked.db", {column: "name"}, KEY)
    assert refused.value.hint.startswith(hint)
    assert not (tmp_path / "masked.db").exists()


def test_ends_of_a_foreign_key_of_two_kinds_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="foreign key"):
        mask(source, tmp_path / "masked.db", {"orders.customer": "code", "customers.name": "name"}, KEY)


def test_values_that_do_not_fit_are_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    _run(file, "create table t (state text check (state in ('open', 'closed'))); insert into t values ('open')")
    with pytest.raises(Refused, match="CHECK") as refused:
        mask(file, tmp_path / "masked.db", {"t.state": "text"}, KEY)
    assert "t.state (text)" in refused.value.hint


def test_unique_numbers_of_a_full_range_stay_unique(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    _run(file, "create table t (n integer primary key, m text unique)")
    _run(
        file,
        "with recursive c(x) as (select 1 union all select x + 1 from c where x < 999) "
        "insert into t select x, printf('%03d', x) from c",
    )
    mask(file, tmp_path / "masked.db", {"t.n": "number", "t.m": "code"}, KEY)
    assert _rows(tmp_path / "masked.db", "select min(n), max(n), count(*), count(distinct m) from t") == [
        (1, 999, 999, 999)
    ]
    assert _rows(tmp_path / "masked.db", "select count(*) from t where n = cast(m as integer)") != [(999,)]


def test_a_row_keeps_its_number_where_nothing_else_names_it(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    _run(file, "create table t (name text unique); insert into t (rowid, name) values (7, 'seven'), (3, 'three')")
    mask(file, tmp_path / "masked.db", {"t.name": "name"}, KEY)
    assert [row for (row,) in _rows(tmp_path / "masked.db", "select rowid from t order by 1")] == [3, 7]


def test_an_index_without_its_text_is_emptied(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    _run(
        file,
        "create table t (name text); insert into t values ('thingamajig');"
        "create virtual table f using fts5 (name, content=''); insert into f (rowid, name) select rowid, name from t",
    )
    mask(file, tmp_path / "masked.db", {"t.name": "name"}, KEY)
    assert b"thingamajig" not in (tmp_path / "masked.db").read_bytes()
    assert _rows(tmp_path / "masked.db", "select count(*) from f where f match 'thingamajig'") == [(0,)]


def test_a_database_with_functions_of_its_own_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    db = apsw.Connection(str(file))
    db.create_scalar_function("mine", lambda text: text, 1, deterministic=True)
    db.execute("create table t (name text); create index i on t (mine(name)); insert into t values ('a')")
    db.close()
    with pytest.raises(DatabaseError, match="mine") as failed:
        mask(file, tmp_path / "masked.db", {"t.name": "name"}, KEY)
    assert "functions" in failed.value.hint


def _letters(place: int) -> str:
    return "Z" + "".join("abcdefghij"[int(digit)] for digit in f"{place:04d}")


def _run(file: Path, sql: str) -> None:
    db = apsw.Connection(str(file))
    list(db.execute(sql))
    db.close()


def _rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    db = apsw.Connection(str(file))
    try:
        return list(db.execute(sql))
    finally:
        db.close()
