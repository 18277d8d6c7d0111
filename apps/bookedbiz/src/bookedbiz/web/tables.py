"""Draw a report's table as HTML. By hand, not by a template: seven thousand cells in some ten milliseconds."""

from collections.abc import Callable

from markupsafe import Markup, escape

from bookedbiz.airings.asked import period_text
from bookedbiz.reports.filters import Filters, Lines
from bookedbiz.reports.table import Cell, Column, Kind, Role, Row, Table
from bookedbiz.web import numbers
from bookedbiz.web.links import query

Address = Callable[[Filters], str]

_WRITTEN: dict[Kind, Callable[..., str]] = {
    Kind.MONEY: numbers.dollars,
    Kind.CHANGE: numbers.difference,
    Kind.PERCENT: numbers.percent,
    Kind.SHARE: numbers.share,
    Kind.COUNT: numbers.counted,
    Kind.RATE: numbers.rate,
}
_NOT_OF_AIRINGS = ("year", "measure", "months", "sort", "status", "lines")  # the months are told
_COMPARING = (Kind.CHANGE, Kind.PERCENT)
_UPWARDS = ("customer", "drop")  # these sort the smallest first
MOST_LINES = 200  # of a table that is not asked for whole: some 70 kB, and what one looks through
_LONG_TABLE = 24  # lines that fit a screen
_LONG_NAME = 26  # characters that fit the first column


def render_table(
    table: Table, filters: Filters, address: Address, opens: Address, *, kind: str, most: int = MOST_LINES
) -> Markup:
    """The table, folded after `most` lines. `address` is this report's for a head that sorts, `opens` for a line.

    The sums of a long table stand under its head, where they stay in view; they are of all its lines, shown or not.
    """
    shown = len(table.body) if filters.lines is Lines.ALL else most
    head = "".join(_head(column, filters, address) for column in table.columns)
    columns = "".join(_col(column) for column in table.columns)
    body = "".join(_line(row, table, opens) for row in table.body[:shown])
    if len(table.body) > shown:
        body += _fold(table, address(filters.having(lines=Lines.ALL)))
    foot = "".join(_line(row, table, opens) for row in table.totals)
    is_long = len(table.body) > _LONG_TABLE
    caption = escape(f"Booked business {table.name}, {filters.year}, {filters.measure}, in US dollars")
    return Markup(  # every text in it is escaped where it is put in
        f'<table class="figures {kind}"><caption>{caption}</caption><colgroup>{columns}</colgroup>'
        f"<thead><tr>{head}</tr>{foot if is_long else ''}</thead><tbody>{body}</tbody>"
        f"{'' if is_long else f'<tfoot>{foot}</tfoot>'}</table>"
    )


def _fold(table: Table, link: str) -> str:
    words = f"Show all {len(table.body):,} lines"
    return f'<tr class=more><td colspan={len(table.columns)}><a href="{escape(link)}">{words}</a>'


def _col(column: Column) -> str:
    return f'<col class="{column.kind} {column.state}">' if column.state else f"<col class={column.kind}>"


def _head(column: Column, filters: Filters, address: Address) -> str:
    classes = " ".join(filter(None, ("word" if column.kind is Kind.WORD else "", column.state)))
    hint = (f' title="{escape(column.hint)}"' if column.hint else "") + _counting(column)
    opening = f'<th scope=col class="{classes}"{hint}' if classes else f"<th scope=col{hint}"
    if column.sort is None:
        return f"{opening}>{escape(column.label)}"
    downwards = column.sort in (filters.sort, {"drop": "change", "change": "drop"}.get(filters.sort))
    order = "" if not downwards else ' aria-sort="ascending"' if filters.sort in _UPWARDS else ' aria-sort="descending"'
    link = escape(address(filters.having(sort=column.sort)))
    state = f"<small>{column.state}</small>" if column.state else ""
    return f'{opening}{order}><a href="{link}">{escape(column.label)}{state}</a>'


def _line(row: Row, table: Table, opens: Address) -> str:
    classes = " ".join(filter(None, ("" if row.role is Role.LINE else row.role, row.state)))
    link = opens(row.opens) if row.opens is not None else ""
    links = [""] * len(table.columns)
    links[table.opens_at] = link
    cells = "".join(
        [_cell(cell, column, row, link) for cell, column, link in zip(row.cells, table.columns, links, strict=True)]
    )
    counted = _counted(row)
    return f'<tr class="{classes}"{counted}>{cells}' if classes else f"<tr{counted}>{cells}"


def _counting(column: Column) -> str:
    """Whose airings the numbers below count: airings.js makes them links, so that they are written once."""
    if column.months:
        return f" data-months={period_text(column.months)}"
    return "" if column.back is None else f" data-back={column.back}"


def _counted(row: Row) -> str:
    """Of whom a line is, as the page of airings is asked for it; a sum is of all that the page's address asks for."""
    months = f" data-months={period_text(row.months)}" if row.months else ""
    if row.opens is None:
        return f"{months} data-airings" if row.months or row.role is Role.TOTAL else ""
    asked = {name: value for name, value in row.opens.to_args().items() if name not in _NOT_OF_AIRINGS}
    parts = [query(asked)] if asked else []
    if row.opens.customer_id is not None:
        parts.append(f"buyer={row.opens.customer_id}")
    return f'{months} data-airings="{escape("&".join(parts))}"' if parts else f"{months} data-airings"


def _cell(cell: Cell, column: Column, row: Row, link: str) -> str:
    text = _written(cell, column.kind)
    if column.kind is Kind.NAME:
        title = f' title="{text}"' if len(text) > _LONG_NAME else ""
        return f"<th scope=row{title}>{_linked(text, link)}"
    if column.kind is Kind.WORD:
        return f"<td class=w>{_linked(text, link)}" if text else "<td>"
    classes = []
    if not isinstance(cell, str) and cell is not None and cell < 0:
        classes.append("n")
    if not (row.fair and column.fair) and column.kind in _COMPARING:
        classes.append("u")
    marked = f' class="{" ".join(classes)}"' if len(classes) > 1 else f" class={classes[0]}" if classes else ""
    return f"<td{marked}>{_linked(text, link)}"


def _written(cell: Cell, kind: Kind) -> str:
    if isinstance(cell, str):
        return str(escape(cell))
    if cell is None:
        return numbers.NOTHING if kind is Kind.PERCENT else ""
    return _WRITTEN[kind](cell)


def _linked(text: str, link: str) -> str:
    return f'<a href="{escape(link)}">{text}</a>' if link else text
