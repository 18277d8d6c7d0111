"""Cells that hold an Excel error (#N/A, #REF!) or a formula that nobody has calculated.

The reader gives both as empty, so the file itself is searched.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 4096  # longer than any cell with an error
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,60}\bt="e"[^>]{0,60}>(?:<f[^>]*?(?:/>|>.{0,2000}?</f>))?<v>(#[^<]{1,20})</v>'
)
_SAYS_ERROR = b't="e"'
NOT_CALCULATED = "#NOT CALCULATED"  # instead of a value: the program that wrote the formula never worked it out
_FORMULA_ENDS = tuple(
    formula + value + b"</c>"
    for formula in (b"</f>", b'"/>', b'" />')
    for value in (b"", b"<v></v>", b"<v/>", b"<v />")
)
_FORMULA_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]{0,80})><f[ />]')
_SAYS_TEXT = b't="str"'  # a formula whose value is a text, and be it the empty one
_FROM_1904 = 1462  # days between the two first days that Excel knows
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

ErrorCells = dict[int, dict[int, str]]  # row as Excel counts -> column from 0 -> the error, or NOT_CALCULATED


def error_cells(workbook: Path, sheets: list[str]) -> dict[str, ErrorCells]:
    """The error cells of each sheet by its name. A sheet whose part cannot be found has none."""
    found: dict[str, ErrorCells] = {}
    with zipfile.ZipFile(workbook) as archive:
        parts = _parts(archive)
        for sheet in sheets:
            found[sheet] = _scan(archive, parts[sheet]) if sheet in parts else {}
    return found


def days_off(workbook: Path) -> int:
    """What is to be added to a day that is written as a bare number: a workbook may count from 1904 on."""
    with zipfile.ZipFile(workbook) as archive:
        try:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        except (KeyError, ElementTree.ParseError):
            return 0
    properties = book.find(f"{_MAIN}workbookPr")
    said = "" if properties is None else properties.get("date1904", "")
    return _FROM_1904 if said.lower() in ("1", "true", "on") else 0


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> path of its XML in the archive."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):  # .xls, .xlsb and .ods have other insides
        return {}
    targets = {relation.get("Id", ""): relation.get("Target", "") for relation in relations}
    names = set(archive.namelist())
    parts = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION, ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in names:
            parts[sheet.get("name", "")] = path
    return parts


def _scan(archive: zipfile.ZipFile, part: str) -> ErrorCells:
    cells: ErrorCells = {}
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK_BYTES):
            window = tail + chunk
            if b"#" in window:  # soonest found: most sheets have none
                for match in _matches(window):
                    cells.setdefault(int(match[2]), {})[_column(match[1])] = match[3].decode()
            if b"<f" in window:
                for match in _not_calculated(window):
                    cells.setdefault(int(match[2]), {})[_column(match[1])] = NOT_CALCULATED
            tail = window[-_OVERLAP_BYTES:]
    return cells


def _matches(window: bytes) -> Iterator[re.Match[bytes]]:
    """The error cells in it: the pattern is tried only where a cell says that it holds an error."""
    at = window.find(_SAYS_ERROR)
    while at >= 0:
        match = _ERROR_CELL.match(window, max(window.rfind(b"<c ", 0, at), 0))
        if match:
            yield match
        at = window.find(_SAYS_ERROR, at + 1)


def _not_calculated(window: bytes) -> Iterator[re.Match[bytes]]:
    """The cells with a formula and no value: looked for by their end, which a calculated one does not have."""
    for ending in _FORMULA_ENDS:
        at = window.find(ending)
        while at >= 0:
            match = _FORMULA_CELL.match(window, max(window.rfind(b"<c ", 0, at), 0))
            if match and _SAYS_TEXT not in match[3]:
                yield match
            at = window.find(ending, at + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
