"""The sample's workbooks against the truth that their generator knows: every row and cent, however dirty."""

from datetime import date

import pytest

from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.request import Mode
from bookedbiz.names.audit import By
from bookedbiz.sample.directory import enter_names
from bookedbiz.sample.plan import SampleSpec, parts_of, world_of
from bookedbiz.sample.writing import write_book
from station_kit.sqlitefile import transaction

TODAY = date(2026, 11, 20)


def sums(ledger, by: str, source: str) -> dict[object, tuple[int, int, int]]:
    rows = ledger.execute(
        f"SELECT {by}, sum(spots), sum(gross_cents), sum(net_cents) FROM {source} GROUP BY 1"
    ).fetchall()
    return {key: (spots, gross, net) for key, spots, gross, net in rows}


def merged(truths, name: str) -> dict[object, tuple[int, int, int]]:
    total: dict[object, tuple[int, int, int]] = {}
    for truth in truths:
        for key, part in getattr(truth, name).items():
            rows, gross, net = total.get(key, (0, 0, 0))
            total[key] = (rows + part.rows, gross + part.gross_cents, net + part.net_cents)
    return total


@pytest.mark.parametrize(("dirt", "seed"), [(0, 7), (1, 8), (3, 9), (3, 10)])
def test_the_ledger_holds_the_truth_to_the_cent(ledger, import_file, tmp_path, dirt: int, seed: int) -> None:
    spec = SampleSpec(1200, seed, TODAY, dirt)
    with transaction(ledger):
        enter_names(ledger, world_of(spec), spec.size, By("test", "now"))
    truths = []
    for part in parts_of(spec):
        book = part.book()
        path = tmp_path / part.path.name
        write_book(book, path)
        report = import_file(path, mode=part.mode, months=frozenset(part.months if part.mode is Mode.CLOSE else ()))
        assert report.skipped == {reason: rows for reason, rows in book.truth.skipped.items() if rows}
        assert report.issues == dict(book.truth.issues)
        assert report.rows_read == book.truth.lines
        truths.append(book.truth)
    assert sums(ledger, "month", "booked") == merged(truths, "months")
    assert sums(ledger, "month", "revenue") == merged(truths, "revenue_months")
    assert sums(ledger, "ae", "revenue") == merged(truths, "revenue_aes")
    assert sums(ledger, "entity", "revenue") == merged(truths, "revenue_entities")
    assert all(check.passed for check in check_ledger(ledger))
    if not dirt:
        assert (sum(truth.lines for truth in truths), report.issues) == (1200, {})


def test_the_same_spec_gives_the_same_bytes_and_another_seed_does_not(tmp_path) -> None:
    written = {}
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        *_, log = parts_of(SampleSpec(600, seed, TODAY, 2))
        write_book(log.book(), tmp_path / name)
        written[name] = (tmp_path / name).read_bytes()
    assert written["a"] == written["b"] != written["c"]


def test_the_sample_spans_three_years_and_the_months_ahead_fade(tmp_path) -> None:
    parts = list(parts_of(SampleSpec(24_000, 7, TODAY)))
    assert [str(part.path) for part in parts] == [
        "2024.xlsx", "2025.xlsx", "2026.xlsx", "daily/Commercial Log 261120.xlsx",
    ]  # fmt: skip
    shares = parts[0].shares
    assert sum(shares.values()) == 24_000
    assert parts[-1].months == (202611, 202612, 202701, 202702, 202703, 202704)
    assert shares[202611] > shares[202612] > shares[202701] > shares[202704] > 0


def test_in_january_nothing_of_the_year_is_closed() -> None:
    parts = list(parts_of(SampleSpec(1000, 7, date(2027, 1, 5))))
    assert [str(part.path) for part in parts] == ["2025.xlsx", "2026.xlsx", "daily/Commercial Log 270105.xlsx"]
