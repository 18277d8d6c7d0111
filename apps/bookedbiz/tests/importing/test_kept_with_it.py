"""What is kept with each import: the summary, the snapshots for pacing, and the counts that check proves."""

from datetime import UTC, datetime

import pytest

from bookedbiz.importing.checks import check_ledger


def healthy(ledger) -> bool:
    return all(check.passed for check in check_ledger(ledger))


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("UPDATE booked SET gross_cents = gross_cents + 1", "the summary says what the spots say"),
        ("UPDATE priced SET paid_gross_cents = paid_gross_cents + 1", "prices and air dates add up to the spots"),
        ("DELETE FROM aired", "prices and air dates add up to the spots"),
        ("DELETE FROM spot WHERE id = 1", "what the imports added and removed is what is there"),
        ("UPDATE change SET gross_after_cents = 1", "the changes add up, for every import"),
        ("UPDATE batch_sheet SET rows_read = 9, rows_stored = 9", "rows read = stored + skipped, for every import"),
        ("UPDATE coded SET spots = spots + 1", "what pages count is what is there"),
        ("DELETE FROM credited", "what pages count is what is there"),
        ("UPDATE exported SET broker_cents = broker_cents + 1", "what pages count is what is there"),
        ("UPDATE changed_contract SET gross_cents = gross_cents + 1", "the changes add up, for every import"),
        ("DELETE FROM changed_seller", "the changes add up, for every import"),
        ("UPDATE batch SET last_spot_id = first_spot_id", "rows read = stored + skipped, for every import"),
        ("PRAGMA foreign_keys = OFF; UPDATE spot SET market_id = 999", "every reference points to something"),
    ],
)
def test_check_notices_a_ledger_that_was_tampered_with(
    ledger, import_file, write_log, numbered, damage: str, name: str
) -> None:
    import_file(write_log(numbered(3)))
    assert healthy(ledger)
    ledger.executescript(damage)
    assert name in [check.name for check in check_ledger(ledger) if not check.passed]


def test_pacing_keeps_what_was_booked_at_the_end_of_each_day_and_only_what_moved(
    ledger, import_file, write_log, numbered
) -> None:
    def kept() -> list[tuple[object, ...]]:
        rows = ledger.execute("SELECT taken_on, month, spots, gross_cents FROM snapshot ORDER BY taken_on, month")
        return [tuple(row) for row in rows]

    path = write_log([*numbered(5), *numbered(2, "Dec-26")])
    import_file(path)
    import_file(write_log([*numbered(6), *numbered(2, "Dec-26")], name="b.xlsx"))
    assert kept() == [("2026-11-20", 202611, 6, 60_000), ("2026-11-20", 202612, 2, 20_000)]
    import_file(path, now=datetime(2026, 11, 21, 20, tzinfo=UTC))
    assert kept()[1:] == [("2026-11-20", 202612, 2, 20_000), ("2026-11-21", 202611, 5, 50_000)]


def test_what_vanishes_is_kept_for_pacing_as_nothing(ledger, import_file, write_log, numbered) -> None:
    import_file(write_log(numbered(5)))
    import_file(write_log(numbered(5, market="LAX"), name="b.xlsx"), now=datetime(2026, 11, 21, 20, tzinfo=UTC))
    kept = ledger.execute(
        "SELECT taken_on, code, spots FROM snapshot JOIN market ON market.id = market_id ORDER BY taken_on, code"
    )
    assert [tuple(row) for row in kept] == [
        ("2026-11-20", "SFO", 5),
        ("2026-11-21", "LAX", 5),
        ("2026-11-21", "SFO", 0),
    ]
