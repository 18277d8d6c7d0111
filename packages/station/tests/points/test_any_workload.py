"""Whatever an app does to its database: the restored point equals the scan of the source, and so does the mirror."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.points.restore import restore
from station.sqlite.scan import check_integrity, scan_database, scan_file

OPERATIONS = st.one_of(
    st.builds("with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) "
              "insert into spots (note, bytes) select 'more', zeroblob(i * 13 % {}) from n".format,
              st.integers(1, 60), st.integers(1, 9000)),
    st.builds("delete from spots where id % {} = {}".format, st.integers(1, 5), st.integers(0, 4)),
    st.builds("update spots set bytes = randomblob({}) where id % {} = 0".format,
              st.integers(0, 5000), st.integers(1, 9)),
    st.sampled_from([
        "vacuum", "delete from spots", "drop index if exists x", "create index if not exists x on spots (bytes)",
        "pragma journal_mode = delete", "pragma journal_mode = wal", "pragma wal_checkpoint(truncate)",
        "pragma auto_vacuum = full; vacuum", "pragma auto_vacuum = none; vacuum", "pragma user_version = 7",
        "pragma journal_mode = delete; pragma page_size = 512; vacuum",
        "pragma journal_mode = delete; pragma page_size = 65536; vacuum",
        "begin; delete from spots; rollback", "pragma secure_delete = on; delete from spots where id % 2",
    ]),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.lists(OPERATIONS, min_size=1, max_size=3), min_size=1, max_size=5))
def test_every_point_equals_the_database_at_its_moment(bench: Any, rounds: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fresh = type(bench)(Path(folder))
        fresh.add_rows(20)
        fresh.take_once()
        for number, operations in enumerate(rounds):
            for operation in operations:
                fresh.sql(operation)
            point = fresh.take_once()
            scanned = scan_database(fresh.database)
            if point is None:
                continue
            target = fresh.folder / f"{number}.db"
            restore(fresh.store, point, target)
            assert scan_file(target) == scanned and point.digest == scanned.digest
            assert check_integrity(target) is None
            assert fresh.mirror.catch_up() == point
            fresh.mirror.prove()
