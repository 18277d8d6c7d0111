"""Cells that hold an Excel error (#N/A, #REF!): the reader gives them as empty, so the file itself is searched."""

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
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

ErrorCells = dict[int, dict[int, str]]  # row as Excel counts -> column from 0 -> the error


def error_cells(workbook: Path, sheets: list[str]) -> dict[str, ErrorCells]:
    """The error cells of each sheet by its name. A sheet whose part cannot be found has none."""
    found: dict[str, ErrorCells] = {}
    with zipfile.ZipFile(workbook) as archive:
        parts = _parts(archive)
        for sheet in sheets:
            found[sheet] = _scan(archive, parts[sheet]) if sheet in parts else {}
    return found


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


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
