"""Orders of the drive: what is listed, that there is no way out of the folder, and what is booked of them."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae
from bookedbiz.orders.matching import Orders, State, match_orders, may_see, pending
from bookedbiz.orders.runsheet import RunSheets
from bookedbiz.orders.tree import OrdersUnavailable, Tree
from bookedbiz.reports.filters import Filters
from station_kit import statements

BY = By("test", "2026-11-20T20:00:00.000Z")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two account executives, an order each, and what is none."""
    root = tmp_path / "Insertion Orders"
    for path in (
        "Avery Quill/100 Cedar Bank/order.pdf",
        "Avery Quill/100 Cedar Bank/signed/scan.pdf",
        "Avery Quill/100 Cedar Bank/~$order.xlsx",
        "Avery Quill/100 Cedar Bank/Traffic Only/notes.pdf",
        "Avery Quill/traffic only/900 Nobody/x.pdf",
        "Avery Quill/about us/x.pdf",
        "House/0200 - Fern Tea/order.pdf",
        "readme.txt",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"%PDF")
    return root


@pytest.fixture
def booked(ledger, import_file, write_log, line) -> sqlite3.Connection:
    """Contract 100 is booked by Avery Quill with 200 dollars, 300 by House."""
    create_ae(ledger, "Avery Quill", BY)
    lines = [line(contract=100.0, unit=float(n), sales_person="AVERY QUILL ") for n in range(2)]
    import_file(write_log([*lines, line(contract=300.0, bill_code="Third Co")]))
    return ledger


def matched(db: sqlite3.Connection, root: Path, budget: int = 12, **filters: Any) -> Orders:
    return match_orders(db, Tree(root), RunSheets(root, budget), Filters(2026, **filters), 202611)


def ae_id(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT id FROM ae WHERE name = 'Avery Quill'").fetchone()[0])


def test_the_folders_of_sales_are_orders_with_their_files(root: Path) -> None:
    orders = Tree(root).orders()
    assert [(one.ae, one.number, one.customer) for one in orders] == [
        ("Avery Quill", "100", "Cedar Bank"),
        ("House", "200", "Fern Tea"),
    ]
    assert [file.path for file in orders[0].files] == [
        "Avery Quill/100 Cedar Bank/order.pdf",
        "Avery Quill/100 Cedar Bank/signed/scan.pdf",
    ]
    assert orders[0].files[0].size == 4


def test_a_drive_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OrdersUnavailable, match="cannot be read"):
        Tree(tmp_path / "nowhere").orders()


@pytest.mark.parametrize(
    "path",
    ["../secret", "/etc/passwd", "House/../../secret", "readme.txt", "House/0200 - Fern Tea", "",
     "House/0200 - Fern Tea/link.pdf", "House/0200 - Fern Tea/away/secret", "Avery Quill/traffic only/900 Nobody/x.pdf",
     "House/0200 - Fern Tea/./order.pdf"],
)  # fmt: skip
def test_nothing_but_listed_files_can_be_had(root: Path, path: str) -> None:
    (root.parent / "secret").write_text("s")
    folder = root / "House/0200 - Fern Tea"
    (folder / "link.pdf").symlink_to(root.parent / "secret")
    (folder / "away").symlink_to(root.parent)
    tree = Tree(root)
    with pytest.raises(KeyError):
        tree.file(path)
    assert tree.file("House/0200 - Fern Tea/order.pdf")[1].read_bytes() == b"%PDF"


def test_a_file_that_became_a_link_since_is_not_given_away(root: Path) -> None:
    (root.parent / "secret").write_text("s")
    tree = Tree(root)
    tree.orders()
    file = root / "House/0200 - Fern Tea/order.pdf"
    file.unlink()
    file.symlink_to(root.parent / "secret")
    with pytest.raises(KeyError):
        tree.file("House/0200 - Fern Tea/order.pdf")


def test_orders_are_told_by_what_traffic_has_of_them(booked, root: Path) -> None:
    found = matched(booked, root)
    assert {one.order.number: one.state for one in found.matched} == {"100": State.BOOKED, "200": State.WAITING}
    assert [row.cells[1] for row in found.without.body] == ["300"]
    assert [figure.value for figure in found.figures] == [1, 0, 1, 1]
    assert [order.number for order in pending(booked, Tree(root), Filters(2026))] == ["200"]


def test_a_run_sheet_that_orders_something_else_is_told(booked, root: Path, write_log, line) -> None:
    sheet = Path(write_log([line(contract=100.0, gross_rate=150.0)] * 2, name="sheet.xlsx"))
    (root / "Avery Quill/100 Cedar Bank/run sheet.xlsx").write_bytes(sheet.read_bytes())
    (root / "Avery Quill/100 Cedar Bank/other.xlsx").write_bytes(b"no workbook")
    one = matched(booked, root).matched[0]
    assert (one.state, one.difference) == (State.DIFFERS, -10_000)
    assert one.ordered is not None
    assert (one.ordered.rows, one.ordered.gross_cents) == (2, 30_000)


def test_run_sheets_are_read_a_few_at_a_time_and_once(booked, root: Path, write_log, line) -> None:
    content = Path(write_log([line(contract=100.0, gross_rate=200.0)], name="sheet.xlsx")).read_bytes()
    for folder in ("Avery Quill/100 Cedar Bank", "House/0200 - Fern Tea"):
        (root / folder / "sheet.xlsx").write_bytes(content)
    tree, sheets = Tree(root), RunSheets(root, budget=1)
    unread = [match_orders(booked, tree, sheets, Filters(2026), 202611).unread for _ in range(3)]
    assert unread == [1, 0, 0]
    for folder in ("Avery Quill/100 Cedar Bank", "House/0200 - Fern Tea"):
        (root / folder / "sheet.xlsx").unlink()
    assert match_orders(booked, tree, sheets, Filters(2026), 202611).matched[0].state is State.BOOKED


def test_an_account_executive_finds_their_own_orders_alone(booked, root: Path) -> None:
    mine = {"only_ae_id": ae_id(booked)}
    found = matched(booked, root, **mine)
    assert [one.order.number for one in found.matched] == ["100"]
    assert found.without.rows == ()
    assert pending(booked, Tree(root), Filters(2026, **mine)) == []
    orders = Tree(root).orders()
    assert [may_see(booked, order, ae_id(booked)) for order in orders] == [True, False]
    assert [may_see(booked, order, None) for order in orders] == [True, True]
    assert [one.order.number for one in matched(booked, root, ae="House").matched] == ["200"]
    assert [one.order.number for one in matched(booked, root, customer="cedar").matched] == ["100"]


def test_every_named_statement_of_the_orders_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.orders")) == []
