"""The language of a row is a function of its revenue type, its type, its code, and what was set for its bill code."""

import sqlite3

import pytest

from bookedbiz.importing.checks import check_ledger
from bookedbiz.languages.assignment import assign_languages, wrong_languages
from bookedbiz.languages.rules import HIGH_CENTS, reach, review_queue, review_sums, rules, set_language
from bookedbiz.names.audit import By
from bookedbiz.names.undoing import undo_deed
from bookedbiz.switches import Switch, turn
from station_kit import statements

BY = By("clerk@station.example", "2026-11-20T20:00:00Z")
DEFAULT, REVIEW, REQUIRED = "default English", "review", "language required"

# revenue type, type, code -> category, method, language
TABLE = [
    ("Internal Ad Sales", "COM", "M", REQUIRED, "direct_mapping", "M"),
    ("Internal Ad Sales", "BNS", "V", REQUIRED, "direct_mapping", "V"),
    ("Internal Ad Sales", "COM", "", REQUIRED, "auto_default_com_bb", "E"),
    ("Internal Ad Sales", "COM", "L", REQUIRED, "auto_default_com_bb", "E"),
    ("Internal Ad Sales", "BNS", "", REQUIRED, "default_english", "E"),
    ("Internal Ad Sales", "BNS", "L", REQUIRED, "undetermined_flagged", "L"),
    ("Internal Ad Sales", "COM", "X9", REQUIRED, "invalid_code_flagged", "X9"),
    ("Internal Ad Sales", "PKG", "K", REVIEW, "business_review_required", "K"),
    ("Internal Ad Sales", "CRD", "", REVIEW, "business_review_required", "E"),
    ("Internal Ad Sales", "BB", "", REVIEW, "auto_default_com_bb", "E"),
    ("Internal Ad Sales", "BB", "T", REVIEW, "business_review_required", "T"),
    ("Internal Ad Sales", "", "M", REVIEW, "business_review_required", "M"),
    ("Direct Response Sales", "COM", "M", DEFAULT, "business_rule_default_english", "E"),
    ("Paid Programming", "PRG", "L", DEFAULT, "business_rule_default_english", "E"),
    ("Branded Content", "PRD", "X9", DEFAULT, "business_rule_default_english", "E"),
    ("Other", "SVC", "M", DEFAULT, "business_rule_default_english", "E"),
    ("Other", "PRD", "", DEFAULT, "business_rule_default_english", "E"),
    ("Other", "COM", "M", REVIEW, "business_review_required", "M"),
    ("Other", "BNS", "", REVIEW, "business_review_required", "E"),
    ("Services", "SVC", "M", REVIEW, "business_review_required", "M"),
    ("", "COM", "V", REVIEW, "business_review_required", "V"),
]


@pytest.mark.parametrize(("revenue_type", "spot_type", "code", "category", "method", "language"), TABLE)
def test_the_first_step_that_holds_gives_the_language(  # noqa: PLR0917 - a table of one line each
    ledger, revenue_type: str, spot_type: str, code: str, category: str, method: str, language: str
) -> None:
    if code == "X9":
        ledger.execute("INSERT INTO language (code, name, grp, status) VALUES ('X9', 'X9', 'Unknown', 'pending')")
    row = ledger.execute(
        """SELECT category, method, meant.code FROM language_answer AS answer
           JOIN revenue_type ON revenue_type.id = answer.revenue_type_id
           JOIN spot_type ON spot_type.id = answer.spot_type_id
           JOIN language AS raw ON raw.id = answer.language_id
           JOIN language AS meant ON meant.id = answer.assigned_language_id
           WHERE revenue_type.name = ? AND spot_type.code = ? AND raw.code = ?""",
        (revenue_type, spot_type, code),
    ).fetchall()
    assert [tuple(each) for each in row] == [(category, method, language)]


def test_every_combination_of_the_four_columns_has_one_answer(ledger) -> None:
    asked = ledger.execute("SELECT count(*) FROM revenue_type, spot_type, language").fetchone()[0]
    answered = ledger.execute("SELECT count(*), count(assigned_language_id) FROM language_answer").fetchone()
    assert tuple(answered) == (asked, asked)


def test_every_named_statement_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.languages")) == []


@pytest.fixture
def imported(ledger, import_file, write_log, line) -> sqlite3.Connection:
    import_file(
        write_log(
            [
                line(language="X9", gross_rate=1200.0),
                line(language="x9 ", spot_type="Bonus", gross_rate=0.0),
                line(language="M"),
                line(bill_code="Fern Foods", language="X9", gross_rate=50.0),
                line(bill_code="Fern Foods", language="X9", revenue_type="Trade", gross_rate=9000.0),
            ]
        )
    )
    return ledger


def spoken(db: sqlite3.Connection) -> list[tuple[str, str, int]]:
    rows = db.execute("SELECT customer, language, sum(spots) FROM revenue GROUP BY customer, language ORDER BY 1, 2")
    return [tuple(row) for row in rows]


def totals(db: sqlite3.Connection) -> tuple[int, int, int]:
    return tuple(db.execute("SELECT sum(spots), sum(gross_cents), sum(net_cents) FROM revenue").fetchone())


def answer(db: sqlite3.Connection, bill_code: str, raw_code: str, code: str | None) -> None:
    row = db.execute(
        "SELECT bill_code.id, language.id FROM bill_code, language WHERE raw = ? AND code = ?", (bill_code, raw_code)
    ).fetchone()
    set_language(db, row[0], row[1], code, BY)


def test_what_needs_a_look_is_asked_by_bill_code_code_type_and_revenue_type(imported) -> None:
    queue = review_queue(imported, 100)
    assert [(each.bill_code, each.raw_code, each.spot_type, each.spots, each.gross_cents) for each in queue.groups] == [
        ("Orbit Media:Cedar Bank", "X9", "COM", 1, 120_000),
        ("Fern Foods", "X9", "COM", 1, 5_000),  # Trade is no revenue, and nobody is asked about it
        ("Orbit Media:Cedar Bank", "X9", "BNS", 1, 0),
    ]
    assert [each.is_high for each in queue.groups] == [True, False, False]
    assert (queue.count, queue.spots, queue.gross_cents) == (3, 3, 125_000)
    assert queue.groups[0].first_air_date == "2026-11-23"
    assert queue.groups[0].largest_cents >= HIGH_CENTS
    assert len(review_queue(imported, 2).groups) == 2
    assert review_queue(imported, 2).count == 3
    assert review_sums(imported) == (queue.spots, queue.gross_cents)


def test_one_answer_reaches_all_rows_of_the_bill_code_with_that_code_and_no_others(imported) -> None:
    before = totals(imported)
    answer(imported, "Orbit Media:Cedar Bank", "X9", "K")
    assert spoken(imported) == [
        ("Fern Foods", "X9", 1),
        ("Orbit Media:Cedar Bank", "Korean", 2),
        ("Orbit Media:Cedar Bank", "Mandarin", 1),
    ]
    assert totals(imported) == before
    assert [each.bill_code for each in review_queue(imported, 9).groups] == ["Fern Foods"]
    assert review_sums(imported) == (1, 5_000)
    assert all(check.passed for check in check_ledger(imported))
    rule = rules(imported)[0]
    assert (rule["raw_code"], rule["language"], rule["spots"]) == ("X9", "Korean", 2)
    assert reach(imported, rule["bill_code_id"], rule["language_id"]) == (2, 120_000)


def test_an_answer_survives_every_later_import_and_the_cells_stay_as_they_are(
    imported, import_file, write_log, line
) -> None:
    answer(imported, "Orbit Media:Cedar Bank", "X9", "K")
    lines = [line(language="X9", gross_rate=700.0), line(language=" x9"), line(language="M", gross_rate=10.0)]
    import_file(write_log(lines, name="next.xlsx"), accept_drop=True)
    assert spoken(imported) == [("Orbit Media:Cedar Bank", "Korean", 2), ("Orbit Media:Cedar Bank", "Mandarin", 1)]
    raw = imported.execute("SELECT DISTINCT language.code FROM spot JOIN language ON language.id = language_id")
    assert sorted(row[0] for row in raw) == ["M", "X9"]
    assert all(check.passed for check in check_ledger(imported))


def test_an_answer_is_audited_and_taken_back_from_the_audit(imported) -> None:
    before = spoken(imported)
    answer(imported, "Fern Foods", "X9", "V")
    line = imported.execute("SELECT id, actor, key, old, new FROM audit WHERE action = 'language_rule'").fetchone()
    assert tuple(line)[1:] == (BY.actor, "Fern Foods / X9", None, "Vietnamese")
    undo_deed(imported, line["id"], BY)
    assert spoken(imported) == before
    assert rules(imported) == []


def test_another_answer_is_taken_back_to_the_one_before(imported) -> None:
    answer(imported, "Fern Foods", "X9", "V")
    answer(imported, "Fern Foods", "X9", "K")
    undo_deed(imported, imported.execute("SELECT max(id) FROM audit").fetchone()[0], BY)
    assert [row["language"] for row in rules(imported)] == ["Vietnamese"]


@pytest.mark.parametrize("code", ["L", "X9", "", "nonsense"])
def test_only_a_known_language_is_an_answer(imported, code: str) -> None:
    with pytest.raises(Exception, match="no confirmed language"):
        answer(imported, "Fern Foods", "X9", code)


def test_nothing_is_written_when_nothing_changes(imported) -> None:
    before = imported.total_changes
    assign_languages(imported)
    assert imported.total_changes == before
    assert wrong_languages(imported, 5) == []


def test_a_line_with_another_language_than_it_should_have_is_found_by_the_check(imported) -> None:
    imported.execute("UPDATE booked SET assigned_language_id = 6 WHERE language_id = 1")
    assert wrong_languages(imported, 5) == ["month 202611, Orbit Media:Cedar Bank: K (direct_mapping), not M"]
    assert not all(check.passed for check in check_ledger(imported))


def test_known_codes_pass_when_the_station_says_so(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line(spot_type="PKG", language="K"), line(spot_type="PKG", language="")]))
    assert review_queue(ledger, 9).count == 2
    turn(ledger, Switch.KNOWN_LANGUAGES_PASS, BY, on=True)
    queue = review_queue(ledger, 9)
    assert [each.raw_code for each in queue.groups] == [""]
    assert review_sums(ledger) == (queue.spots, queue.gross_cents)
