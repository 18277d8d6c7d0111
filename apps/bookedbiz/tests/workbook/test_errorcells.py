"""Error cells, found in the file itself however it is laid out."""

import zipfile
from pathlib import Path

import pytest

from bookedbiz.workbook.errorcells import NOT_CALCULATED, days_off, error_cells

_BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
 <sheets><sheet name="Notes" sheetId="1" r:id="rId1"/>
 <sheet name="Data" sheetId="2" r:id="rId2"/></sheets></workbook>"""
_RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
 <Relationship Id="rId2" Target="worksheets/sheet2.xml"/><Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/>
</Relationships>"""
CELL = '<c r="V7" s="3" t="e"><f>VLOOKUP(A7,B:C,2)</f><v>#N/A</v></c>'


def workbook(path: Path, data: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", '<c r="A1" t="e"><v>#REF!</v></c>')
        archive.writestr("xl/worksheets/sheet2.xml", data)
    return path


@pytest.mark.parametrize("cell", [CELL, CELL.replace(' s="3"', ""), '<c r="V7" t="e"><v>#N/A</v></c>'])
def test_an_error_is_found_with_and_without_its_formula_and_only_on_the_sheet_that_is_read(tmp_path, cell: str) -> None:
    path = workbook(tmp_path / "a.xlsx", f'<c r="A7" t="s"><v>1</v></c>{cell}<c r="W7"><v>2</v></c>')
    assert error_cells(path, ["Data"]) == {"Data": {7: {21: "#N/A"}}}
    assert error_cells(path, ["Notes", "Data"])["Notes"] == {1: {0: "#REF!"}}


@pytest.mark.parametrize("before", [1, 20, 40])
def test_an_error_is_found_where_the_file_is_read_in_two_pieces(tmp_path, before: int) -> None:
    padding = " " * ((1 << 20) - before)
    assert error_cells(workbook(tmp_path / "a.xlsx", padding + CELL), ["Data"]) == {"Data": {7: {21: "#N/A"}}}


def test_a_workbook_of_another_make_has_none_that_could_be_found(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert error_cells(tmp_path / "a.ods", ["Data"]) == {"Data": {}}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="V7"><f>A1+B1</f></c>',
        '<c r="V7" s="3"><f>A1+B1</f><v></v></c>',
        '<c r="V7"><f>A1+B1</f><v /></c>',
        '<c r="V7" s="3"><f t="shared" si="0"/></c>',
        '<c r="V7"><f t="shared" si="0" /><v/></c>',
    ],
)
def test_a_formula_that_nobody_has_calculated_is_told_and_not_taken_for_an_empty_cell(tmp_path, cell: str) -> None:
    path = workbook(tmp_path / "a.xlsx", f'<c r="U7"><f>1+1</f><v>2</v></c>{cell}<c r="W7"/><c r="X7"><v>2</v></c>')
    assert error_cells(path, ["Data"]) == {"Data": {7: {21: NOT_CALCULATED}}}


@pytest.mark.parametrize(
    "cell",
    ['<c r="V7" t="str"><f>IF(A1,"",1)</f><v></v></c>', '<c r="V7"><f>A1</f><v>0</v></c>', '<c r="V7" s="1"/></c>'],
)
def test_a_formula_with_a_value_is_no_error_be_it_an_empty_text(tmp_path, cell: str) -> None:
    assert error_cells(workbook(tmp_path / "a.xlsx", cell), ["Data"]) == {"Data": {}}


@pytest.mark.parametrize(
    ("says", "days"), [('date1904="1"', 1462), ('date1904="true"', 1462), ('date1904="0"', 0), ("", 0)]
)
def test_a_workbook_tells_from_when_it_counts_its_days(tmp_path, says: str, days: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", _BOOK.replace("<sheets>", f"<workbookPr {says}/><sheets>"))
    assert days_off(tmp_path / "a.xlsx") == days
