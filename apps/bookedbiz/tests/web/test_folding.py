"""A long table is folded on the page, says so, and opens whole; its sums are of all lines either way."""

from bookedbiz.reports.filters import Filters, Lines, from_args
from bookedbiz.reports.table import Column, Kind, Role, Row, Table
from bookedbiz.web.tables import MOST_LINES, render_table


def drawn(count: int, filters: Filters) -> str:
    lines = [Row((f"Customer {number}", 100)) for number in range(count)]
    sums = Row((f"{count} customers", 100 * count), role=Role.TOTAL)
    table = Table("long", (Column("Customer", Kind.NAME), Column("Gross", Kind.MONEY)), (*lines, sums))
    return str(render_table(table, filters, lambda asked: str(asked.to_args()), lambda _: "", kind=""))


def test_what_is_beyond_the_fold_is_one_link_away() -> None:
    page = drawn(MOST_LINES + 1, Filters(2026))
    assert f"Customer {MOST_LINES - 1}<" in page
    assert f"Customer {MOST_LINES}<" not in page
    assert f"Show all {MOST_LINES + 1} lines" in page
    assert "lines&#39;: &#39;all" in page
    assert f"{MOST_LINES + 1} customers" in page


def test_the_whole_table_is_shown_when_it_is_asked_for_or_short() -> None:
    assert from_args({"lines": "all"}, default_year=2026).lines is Lines.ALL
    whole = drawn(MOST_LINES + 1, Filters(2026, lines=Lines.ALL))
    assert f"Customer {MOST_LINES}<" in whole
    for page in (whole, drawn(MOST_LINES, Filters(2026))):
        assert "Show all" not in page
