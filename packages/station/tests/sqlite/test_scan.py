"""The scan of a database, in every state that an app may leave it in."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from station.errors import DatabaseError
from station.sqlite.hashes import PageHashes, Pages
from station.sqlite.header import as_fresh_copy, lock_page
from station.sqlite.scan import Database, check_integrity, scan_database, scan_file

ROWS = (
    "create table if not exists t (id integer primary key, bytes blob);"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) "
    "insert into t (bytes) select randomblob(200) from n;"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "live.db"


def run(file: Path, script: str) -> None:
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute(script).fetchall()


def copied(file: Path, target: Path) -> Path:
    """A copy made from the pages that the scan gives."""
    with target.open("wb") as copy:

        def write(number: int, page: bytes) -> None:
            copy.seek((number - 1) * len(page))
            copy.write(page)

        scan_database(file, write)
    return target


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("journal", ["wal", "delete", "truncate"])
def test_a_scan_gives_every_page_and_equals_the_scan_of_the_copy(
    file: Path, tmp_path: Path, page_size: int, journal: str
) -> None:
    run(file, f"pragma page_size = {page_size}; pragma journal_mode = {journal}; {ROWS}")
    copy = copied(file, tmp_path / "copy.db")
    assert scan_file(copy) == scan_database(file)
    assert check_integrity(copy) is None
    assert scan_file(copy).page_size == page_size
    assert copy.stat().st_size == scan_file(copy).page_count * page_size


def test_pages_come_in_order_and_the_first_one_last(file: Path) -> None:
    run(file, ROWS)
    numbers: list[int] = []
    pages = scan_database(file, lambda number, page: numbers.append(number))
    assert numbers == [*range(2, pages.page_count + 1), 1]


def test_only_pages_that_differ_from_the_known_ones_come(file: Path) -> None:
    run(file, ROWS)
    before = scan_database(file)
    run(file, "update t set bytes = randomblob(200) where id = 150")
    numbers: list[int] = []
    with Database(file) as database, database.reading() as snapshot:
        after = snapshot.scan(lambda number, page: numbers.append(number), before.hashes)
    assert after.digest != before.digest
    differing = [
        number
        for number in range(1, after.page_count + 1)
        if before.hashes[number * 16 - 16 : number * 16] != after.hashes[number * 16 - 16 : number * 16]
    ]
    assert sorted(numbers) == differing and 1 <= len(differing) <= 2


def test_the_content_of_a_log_that_was_not_checkpointed_is_seen_and_stays_where_it_is(file: Path) -> None:
    with closing(apsw.Connection(str(file))) as writer:
        writer.execute(f"pragma journal_mode = wal; pragma wal_autocheckpoint = 0; {ROWS}").fetchall()
        size, log_size = file.stat().st_size, Path(f"{file}-wal").stat().st_size
        assert scan_database(file).page_count > size // 4096
        assert (file.stat().st_size, Path(f"{file}-wal").stat().st_size) == (size, log_size)


def test_a_log_left_by_a_killed_app_is_read_and_not_checkpointed(file: Path, tmp_path: Path) -> None:
    with closing(apsw.Connection(str(file))) as writer:
        writer.execute(f"pragma journal_mode = wal; pragma wal_autocheckpoint = 0; {ROWS}").fetchall()
        left = tmp_path / "left.db"
        for suffix in ("", "-wal"):
            left.with_name(left.name + suffix).write_bytes(Path(f"{file}{suffix}").read_bytes())
    log = left.with_name("left.db-wal").read_bytes()
    pages = scan_database(left)
    assert pages.page_count > 1 and left.stat().st_size < pages.page_count * 4096
    assert left.with_name("left.db-wal").read_bytes() == log


def test_a_hot_journal_is_rolled_back_first(file: Path, tmp_path: Path) -> None:
    run(file, ROWS)
    before = scan_database(file)
    torn = tmp_path / "torn.db"
    with closing(apsw.Connection(str(file))) as writer:
        writer.execute("pragma cache_size = 1; begin; update t set bytes = randomblob(200)")
        for suffix in ("", "-journal"):
            torn.with_name(torn.name + suffix).write_bytes(Path(f"{file}{suffix}").read_bytes())
        writer.execute("rollback")
    assert scan_database(torn) == before


def test_the_digest_does_not_depend_on_who_wrote_the_copy_or_how_often(file: Path, tmp_path: Path) -> None:
    run(file, f"pragma journal_mode = wal; {ROWS}")
    with closing(apsw.Connection(str(file))) as source, closing(apsw.Connection(str(tmp_path / "copy.db"))) as copy:
        for _ in range(3):
            with copy.backup("main", source, "main") as backup:
                backup.step(-1)
    assert scan_database(tmp_path / "copy.db") == scan_database(file)


def test_page_1_of_a_fresh_copy_says_nothing_about_its_writer() -> None:
    page = bytes(range(256)) * 2
    fresh = as_fresh_copy(page)
    assert fresh[24:28] == fresh[40:44] == fresh[92:96] == b"\0\0\0\1"
    assert int.from_bytes(fresh[96:100], "big") == 3_007_000
    assert [at for at in range(512) if fresh[at] != page[at]] == [*range(24, 28), *range(40, 44), *range(92, 100)]


def test_swapped_pages_have_another_digest() -> None:
    hashes = PageHashes(Pages(512, b""))
    other = PageHashes(Pages(512, b""))
    one, two = bytes(512), b"x" * 512
    for table, pages in ((hashes, (one, two)), (other, (two, one))):
        table.put(1, pages[0])
        table.put(2, pages[1])
    assert hashes.cut(2).digest != other.cut(2).digest


def test_an_empty_database_has_no_pages(file: Path) -> None:
    file.touch()
    pages = scan_database(file)
    assert (pages.page_count, pages.digest) == (0, "0" * 32)


def test_a_database_that_shrinks_grows_and_changes_its_page_size_is_followed(file: Path, tmp_path: Path) -> None:
    run(file, f"pragma auto_vacuum = full; {ROWS}")
    for number, change in enumerate(
        ("delete from t where id > 100", "vacuum", "pragma page_size = 8192; vacuum", ROWS, "drop table t; vacuum")
    ):
        run(file, change)
        copy = copied(file, tmp_path / f"copy-{number}.db")
        assert scan_file(copy) == scan_database(file) and check_integrity(copy) is None


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 40, b"short"])
def test_a_file_that_is_no_database_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"live\.db not read: it is not"):
        scan_database(file)


def test_a_database_that_is_not_there_is_not_created(file: Path) -> None:
    with pytest.raises(DatabaseError, match="no such file"):
        scan_database(file)
    assert not file.exists()


def test_what_the_receiver_of_a_page_raises_is_raised(file: Path) -> None:
    run(file, ROWS)

    def full(number: int, page: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        scan_database(file, full)
    assert scan_database(file).page_count


def test_a_write_is_noticed_and_silence_too(file: Path, tmp_path: Path) -> None:
    run(file, f"pragma journal_mode = wal; {ROWS}")
    with Database(file) as database:
        assert database.changed_since(0)
        with database.reading() as snapshot:
            seen = snapshot.data_version
        assert not database.changed_since(seen)
        run(file, "update t set bytes = x'00' where id = 1")
        assert database.changed_since(seen)


def test_a_database_that_was_replaced_is_noticed_and_opened_anew(file: Path, tmp_path: Path) -> None:
    run(file, ROWS)
    run(tmp_path / "other.db", f"pragma page_size = 1024; {ROWS}")
    with Database(file) as database:
        with database.reading() as snapshot:
            seen = snapshot.data_version
        (tmp_path / "other.db").rename(file)
        assert database.changed_since(seen)
        with database.reading() as snapshot:
            assert snapshot.scan() == scan_database(file)
            assert snapshot.page_size == 1024


def test_a_snapshot_does_not_move_while_it_is_held(file: Path) -> None:
    run(file, f"pragma journal_mode = wal; {ROWS}")
    before = scan_database(file)
    with Database(file) as database, database.reading() as snapshot:
        run(file, ROWS)
        assert snapshot.scan() == before
        seen = snapshot.data_version
    with Database(file) as database:
        assert database.changed_since(seen)


@pytest.mark.slow
def test_the_page_that_sqlite_never_uses_is_left_out(file: Path, tmp_path: Path) -> None:
    run(
        file,
        "pragma page_size = 65536; pragma journal_mode = off; pragma synchronous = off; create table t (b blob);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 11) "
        "insert into t select zeroblob(100000000) from n;",
    )
    numbers: set[int] = set()
    pages = scan_database(file, lambda number, page: numbers.add(number))
    lock = lock_page(65536)
    assert lock == 16385 < pages.page_count
    assert numbers == set(range(1, pages.page_count + 1)) - {lock}
    assert pages.hashes[(lock - 1) * 16 : lock * 16] == bytes(16)
