"""Opens a Commercial Log, finds its sheets, checks their columns, and gives its lines one by one."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from bookedbiz.errors import WorkbookError
from bookedbiz.names.text import name_key, tidy
from bookedbiz.workbook.cells import Cell, as_text, memos
from bookedbiz.workbook.columns import COLUMNS, LOG_SHEETS, OTHER_SHEETS, WIDTH, Kind
from bookedbiz.workbook.errorcells import ErrorCells, days_off, error_cells
from bookedbiz.workbook.header import SEARCHED_LINES, check_header, is_header
from bookedbiz.workbook.rows import Row, Skip, clean_line

_DAYS = tuple(at for at, column in enumerate(COLUMNS) if column.kind in (Kind.DATE, Kind.MONTH))
_ROW_SHEETS = frozenset(name_key(name) for name in (*LOG_SHEETS, *OTHER_SHEETS))
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")  # what Excel wraps a workbook in when it has a password; also old .xls


@dataclass(frozen=True)
class SheetContent:
    """All lines of one sheet below its header. `rows_read` counts every one of them."""

    name: str
    rows_read: int
    rows: list[Row]
    skipped: list[Skip]

    def __post_init__(self) -> None:
        if self.rows_read != len(self.rows) + len(self.skipped):
            raise WorkbookError(
                f"Workbook not imported: sheet {self.name} has {self.rows_read} lines, "
                f"{len(self.rows)} to be stored and {len(self.skipped)} skipped"
            )


@dataclass(frozen=True)
class WorkbookContent:
    sheets: list[SheetContent]
    warnings: list[str]

    def rows(self) -> Iterator[Row]:
        for sheet in self.sheets:
            yield from sheet.rows


Progress = Callable[[str, int], None]
_TOLD_EVERY = 2_000  # lines


def read_workbook(path: Path, progress: Progress = lambda _, __: None) -> WorkbookContent:
    """Every line of every sheet that holds rows. WorkbookError when it is not a Commercial Log as a whole.

    `progress` is told the sheet, and how many of its lines have been read.
    """
    progress("opening the workbook", 0)
    _require_whole(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = _row_sheets(book.sheet_names)
        errors = error_cells(path, names)
        shift = days_off(path)
        warnings = _left_unread(book, names)
        sheets = []
        for name in names:
            lines = _lines(book.get_sheet_by_name(name), errors.get(name, {}), shift)
            content = _read_sheet(name, lines, warnings, progress)
            if content is not None:
                sheets.append(content)
    except PasswordError as why:
        raise _locked(path) from why
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError) as why:
        raise _damaged(path, why) from why
    if not any(sheet.rows for sheet in sheets):
        raise WorkbookError(
            f"{path.name} not imported: no sheet of it holds a row ({', '.join(names) or 'it has no sheets'})",
            f"The rows belong on the sheets {', '.join(LOG_SHEETS)}",
        )
    return WorkbookContent(sheets, warnings)


_COPY_AGAIN = "Open it in Excel, save it as .xlsx and copy it again when Excel has closed it"


def _require_whole(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(_OLE_MAGIC))
    except OSError as why:
        raise WorkbookError(f"{path} not imported: {why.strerror}", "Name the workbook to be imported") from why
    if start == _OLE_MAGIC:
        raise _locked(path)
    if start[:2] != b"PK":
        raise WorkbookError(f"{path.name} not imported: it is not an Excel workbook (.xlsx)", _COPY_AGAIN)
    try:
        zipfile.ZipFile(path).close()  # the list of its parts stands at the end
    except (zipfile.BadZipFile, OSError) as why:
        raise _damaged(path, why) from why


def _damaged(path: Path, why: Exception) -> WorkbookError:
    return WorkbookError(f"{path.name} not imported: it is cut short or damaged ({why})", _COPY_AGAIN)


def _locked(path: Path) -> WorkbookError:
    return WorkbookError(
        f"{path.name} not imported: it is protected with a password, or an old .xls file",
        "Save it as .xlsx without a password",
    )


def _row_sheets(names: Sequence[str]) -> list[str]:
    by_key: dict[str, str] = {}
    for name in names:
        other = by_key.setdefault(name_key(name), name)
        if other != name and name_key(name) in _ROW_SHEETS:
            raise WorkbookError(
                f"Workbook not imported: two of its sheets are named alike, {other!r} and {name!r}",
                "Put the rows of both on one sheet, or rename the one that does not count",
            )
    logs = [by_key[name_key(name)] for name in LOG_SHEETS if name_key(name) in by_key]
    if logs:
        return logs
    others = [by_key[name_key(name)] for name in OTHER_SHEETS if name_key(name) in by_key]
    return others[:1] or list(names[:1])


def _left_unread(book: CalamineWorkbook, names: Sequence[str]) -> list[str]:
    """Sheets that look like the Commercial Log and are not read: whoever copied one must be told."""
    others = [one.name for one in book.sheets_metadata if one.name not in names and one.typ == SheetTypeEnum.WorkSheet]
    why = "it has the columns of the Commercial Log, but not the name of one of its sheets"
    return [f"Sheet {tidy(name)} was not read: {why}" for name in others if _looks_like_a_log(book, name)]


def _looks_like_a_log(book: CalamineWorkbook, name: str) -> bool:
    """Whether a line of it is the log's header and others stand below; no for what cannot be read."""
    try:
        lines = _lines(book.get_sheet_by_name(name), {}, 0)
        has_header = any(is_header(cells) for _, cells in islice(lines, SEARCHED_LINES))
        return has_header and next(lines, None) is not None
    except (CalamineError, WorkbookError):
        return False


def _read_sheet(
    sheet: str, lines: Iterator[tuple[int, list[Cell]]], warnings: list[str], progress: Progress
) -> SheetContent | None:
    """None when the sheet is empty."""
    name = tidy(sheet)
    header = _find_header(name, lines)
    if header is None:
        warnings.append(f"Sheet {name} is empty")
        return None
    warnings.extend(check_header(name, header))
    known = memos()
    rows: list[Row] = []
    skipped: list[Skip] = []
    rows_read = 0
    for number, cells in lines:
        rows_read += 1
        if rows_read % _TOLD_EVERY == 0:
            progress(f"reading {name}", rows_read)
        origin = tidy(as_text(cells[WIDTH])) if len(cells) > WIDTH else ""  # of sheets that somebody has merged
        line = clean_line(origin or name, number, cells, known)
        if isinstance(line, Row):
            rows.append(line)
        else:
            skipped.append(line)
    return SheetContent(name, rows_read, rows, skipped)


def _lines(sheet: CalamineSheet, errors: ErrorCells, shift: int) -> Iterator[tuple[int, list[Cell]]]:
    """Row number as Excel counts, and at least 29 cells from column A on."""
    left = [""] * (sheet.start[1] if sheet.start else 0)  # the reader leaves out columns that are empty throughout
    for number, read in enumerate(_read_lines(sheet), start=1):
        cells: list[Cell] = [*left, *read]
        if len(cells) < WIDTH:
            cells.extend([""] * (WIDTH - len(cells)))
        for column, error in errors.get(number, {}).items():
            if column < len(cells):
                cells[column] = error
        if bool in map(type, cells):  # True equals 1.0, and a memo would take one for the other
            cells = [str(cell).upper() if isinstance(cell, bool) else cell for cell in cells]
        if shift:
            for column in _DAYS:
                cell = cells[column]
                cells[column] = cell + shift if isinstance(cell, float) else cell
        yield number, cells


def _read_lines(sheet: CalamineSheet) -> Iterator[Sequence[Cell]]:
    """The lines as the reader gives them. WorkbookError, naming the line, for a cell that it breaks down over."""
    lines, number = iter(sheet.iter_rows()), 0
    while True:
        number += 1
        try:
            read = next(lines, None)
        except BaseException as why:
            if type(why).__name__ != "PanicException":  # its class cannot be imported, and is no Exception
                raise
            raise WorkbookError(
                f"Workbook not imported: line {number} of sheet {tidy(sheet.name)} has an impossible cell: {why}",
                "Look for a date or time in that line that shows as #######, and type it again",
            ) from why
        if read is None:
            return
        yield read


def _find_header(name: str, lines: Iterator[tuple[int, list[Cell]]]) -> list[Cell] | None:
    """The header line; what stands above it is passed over. None in an empty sheet, WorkbookError without a header."""
    seen_text = False
    for number, cells in lines:
        if is_header(cells):
            return cells
        seen_text = seen_text or any(as_text(cell).strip() for cell in cells)
        if number >= SEARCHED_LINES and seen_text:
            break
    if seen_text:
        raise WorkbookError(
            f"Workbook not imported: sheet {name} has no header line that starts with Bill Code",
            "The rows of the Commercial Log begin below its line of 29 column titles",
        )
    return None
