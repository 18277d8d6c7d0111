"""A budget is taken from a sheet as people keep it, or refused with everything that is wrong with it."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from bookedbiz.errors import Refused
from bookedbiz.planning.budgets import compare, wanted_budget
from bookedbiz.planning.figures import Item
from bookedbiz.planning.saving import Cell
from bookedbiz.planning.sheet import budget_of, read_file, split_text


def read(text: str, year: int = 2027) -> dict[tuple[str, int], int]:
    return dict(budget_of(split_text(text), year).amounts)


EXPECTED = {("Avery Quill", 202701): 1_250_00, ("Avery Quill", 202702): 0, ("House", 202701): 99_50}


@pytest.mark.parametrize(
    "text",
    [
        "AE\tJan\tFeb\nAvery Quill\t$1,250\t0\nHouse\t99.5\t\n",
        'AE,Jan-27,Feb-27\nAvery Quill,"1,250.00",-\nHouse,99.50,\n',
        "Name;2027-01;2027-02\r\nAvery Quill;1250;0\r\n\r\nHouse;99.50;\r\n",
        "Budget 2027 (approved)\n\nEntity,January,February,Q1,Total\n"
        "Avery Quill,1250,0,1250,1250\nHouse,99.5,,99.5,99.5\nTotal,1349.5,0,1349.5,1349.5\n",
        "entity,month,budget\nAvery Quill,Jan-27,1250\nAvery Quill,Feb-27,0\nHouse,Jan-27,99.50\n",
        "month,budget,entity\n2027-01-01,1250,Avery Quill\nFeb,0,Avery Quill\n1/2027,99.5,House\n",
    ],
)
def test_a_budget_is_read_however_it_is_kept(text) -> None:
    assert read(text) == EXPECTED


def test_a_workbook_is_read_with_real_dates_in_its_head(tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "mmm-yy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["AE"])
        sheet.write_datetime(0, 1, date(2027, 1, 1))
        sheet.write_datetime(0, 2, date(2027, 2, 1))
        sheet.write_row(1, 0, ["Avery Quill", 1250, 0])
        sheet.write_row(2, 0, ["House", 99.5])
    assert dict(budget_of(read_file(path), 2026).amounts) == EXPECTED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "AE,Jan,Feb\nAvery Quill,lots,2\nHouse,1,much\n",
            "Avery Quill Jan-27: 'lots' is no amount; House Feb-27: 'much'",
        ),
        ("AE,Jan,Feb,Total\nAvery Quill,100,100,300\n", r"the months are \$200\.00, the sheet says \$300\.00"),
        ("AE,Jan,Feb\nHouse,1,2\nHouse,3,4\n", "House has two budgets for Jan-27"),
        ("AE,Jan,Feb\nHouse,-1,2\n", "House Jan-27 is below zero"),
        ("who,what\nHouse,1\n", "there is no line with months"),
        ("", "there is no line with months"),
        ("AE,Jan,Feb\nHouse,,\n", "has months and no amounts"),
        ("entity,month,budget\nHouse,soon,5\n", "no month in"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said(text, why) -> None:
    with pytest.raises(Refused, match=why):
        read(text)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PK\x03\x04 no workbook"])
def test_what_is_no_sheet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ("budget.csv" if content[0] == 255 else "budget.xlsx")
    path.write_bytes(content)
    with pytest.raises(Refused, match="not read"):
        read_file(path)


def test_names_are_found_whatever_their_case_and_unknown_ones_are_named(ledger: sqlite3.Connection) -> None:
    wanted = wanted_budget(ledger, split_text("AE,Jan,Feb\n hOUSE ,1,2\nWORLDLINK,3,4\n"), 2027)
    assert wanted[Cell(2, 202701, Item.BUDGET)] == 100
    assert [(each.name, each.changed, each.after) for each in compare(ledger, wanted)] == [
        ("House", 2, 300),
        ("WorldLink", 2, 700),
    ]
    with pytest.raises(Refused, match="no entity is named 'Ann', 'Bob'"):
        wanted_budget(ledger, split_text("AE,Jan,Feb\nBob,1,2\nAnn,3,4\nHouse,1,1\n"), 2027)
