"""Whether a sheet has the columns of the Commercial Log, each in its place. Pure."""

from collections.abc import Sequence

from bookedbiz.errors import WorkbookError
from bookedbiz.names.text import name_key
from bookedbiz.workbook.cells import Cell, as_text
from bookedbiz.workbook.columns import COLUMNS, WIDTH

_HEADERS = [name_key(column.header) for column in COLUMNS]
_ENOUGH = 20  # of 29 titles in place; the others may have been renamed, which is a warning
SEARCHED_LINES = 10  # a title or a note may stand above the header


def is_header(cells: Sequence[Cell]) -> bool:
    return bool(cells) and name_key(as_text(cells[0])) == _HEADERS[0]


def check_header(sheet: str, cells: Sequence[Cell]) -> list[str]:
    """Warnings about renamed columns. WorkbookError when one is missing, doubled or in another's place."""
    titles = [name_key(as_text(cell)) for cell in cells]
    missing = [column.header for column, title in zip(COLUMNS, _HEADERS, strict=True) if title not in titles]
    given = sum(1 for title in titles[:WIDTH] if title)
    if given < WIDTH:
        named = ", ".join(missing[:5]) or "one of them"
        raise WorkbookError(
            f"Workbook not imported: sheet {sheet} has {given} of the {WIDTH} columns; missing: {named}",
            "Export the Commercial Log again with all its columns, in their order",
        )
    moved = [
        f"{_letter(position)} should be {COLUMNS[position].header} and is {COLUMNS[_HEADERS.index(title)].header}"
        for position, title in enumerate(titles[:WIDTH])
        if title in _HEADERS and _HEADERS[position] != title
    ]
    in_place = sum(1 for title, wanted in zip(titles, _HEADERS, strict=False) if title == wanted)
    if moved or in_place < _ENOUGH:
        why = f"column {moved[0]}" if moved else f"only {in_place} of its {WIDTH} column titles are known"
        raise WorkbookError(
            f"Workbook not imported: the columns of sheet {sheet} are not in their order: {why}",
            "Put the columns back in the order of the Commercial Log",
        )
    return [
        f"Sheet {sheet}: column {_letter(position)} is titled {as_text(cells[position])!r}, "
        f"read as {COLUMNS[position].header}"
        for position in range(WIDTH)
        if titles[position] != _HEADERS[position]
    ]


def _letter(position: int) -> str:
    return chr(65 + position) if position < 26 else f"A{chr(39 + position)}"
