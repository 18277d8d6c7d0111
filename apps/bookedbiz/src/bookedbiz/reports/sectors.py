"""Groups of sectors with their share and their largest customers, and what has no sector. Shaping only. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bookedbiz.reports.filters import Filters
from bookedbiz.reports.parts import OfSector
from bookedbiz.reports.table import Cell, Column, Kind, Role, Row, Table, share

UNASSIGNED = "Unassigned"
TOP = 5


def sector_tables(lines: Sequence[OfSector], filters: Filters, months: Sequence[int]) -> tuple[Table, ...]:
    """Groups, sectors, the largest customers of each group, assigned against unassigned, of these months."""
    return (
        _groups(lines),
        _sectors(lines, filters, tuple(months)),
        _largest(lines, filters, tuple(months)),
        _assigned(lines),
    )


def group_shares(lines: Sequence[OfSector]) -> list[tuple[str, int, float | None]]:
    """Group, cents and share, the largest first: what the page draws."""
    whole = _cents(lines)
    return [(name, _cents(some), share(_cents(some), whole)) for name, some in _split(lines, lambda one: one.group)]


def _groups(lines: Sequence[OfSector]) -> Table:
    whole = _cents(lines)
    rows = [
        Row((name, *_cells(some), share(_cents(some), whole))) for name, some in _split(lines, lambda one: one.group)
    ]
    rows.append(Row(("All groups", *_cells(lines), share(whole, whole)), role=Role.TOTAL))
    columns = (Column("Group", Kind.NAME), *_COLUMNS, Column("Share", Kind.SHARE))
    return Table("groups of sectors", columns, tuple(rows))


def _sectors(lines: Sequence[OfSector], filters: Filters, months: tuple[int, ...]) -> Table:
    rows = [
        Row((name, some[0].group, *_cells(some)), opens=filters.having(sector=name, sort="total"))
        for name, some in _split(lines, lambda one: one.sector)
    ]
    rows.append(Row(("All sectors", "", *_cells(lines)), role=Role.TOTAL))
    opened = (replace(each, months=months if each.kind is Kind.MONEY else ()) for each in _COLUMNS)
    columns = (Column("Sector", Kind.NAME), Column("Group", Kind.WORD), *opened)
    return Table("sectors with their rates", columns, tuple(rows))


def _largest(lines: Sequence[OfSector], filters: Filters, months: tuple[int, ...]) -> Table:
    rows: list[Row] = []
    for name, some in _split(lines, lambda one: one.group):
        of_group = _cents(some)
        rows.append(Row((name, "", of_group, share(of_group, of_group)), role=Role.SUBTOTAL))
        for each in sorted(some, key=lambda one: (-one.cents, one.customer.name))[:TOP]:
            opens = filters.having(customer_id=each.customer.id, customer=None, sort="total")
            rows.append(Row((each.customer.name, each.sector, each.cents, share(each.cents, of_group)), opens=opens))
    columns = (
        Column("Group and its largest customers", Kind.NAME),
        Column("Sector", Kind.WORD),
        Column("Booked", Kind.MONEY, months=months),
        Column("Of the group", Kind.SHARE),
    )
    return Table(f"largest {TOP} customers of each group", columns, tuple(rows))


def _assigned(lines: Sequence[OfSector]) -> Table:
    whole = _cents(lines)
    with_sector = [one for one in lines if one.sector != UNASSIGNED]
    without = [one for one in lines if one.sector == UNASSIGNED]
    rows = [
        Row((name, *_cells(some), share(_cents(some), whole)))
        for name, some in (("With a sector", with_sector), (UNASSIGNED, without))
    ]
    rows.append(Row(("All customers", *_cells(lines), share(whole, whole)), role=Role.TOTAL))
    columns = (Column("Customers", Kind.NAME), *_COLUMNS, Column("Share", Kind.SHARE))
    return Table("assigned and unassigned", columns, tuple(rows))


_COLUMNS = (
    Column("Customers", Kind.COUNT, hint="With money in the months shown"),
    Column("Booked", Kind.MONEY),
    Column("Rows", Kind.COUNT, hint="All airings, unpaid ones too"),
    Column("Average rate", Kind.RATE, hint="Gross of a paid spot"),
)


def _cells(some: Sequence[OfSector]) -> tuple[Cell, ...]:
    paid = sum(one.paid_spots for one in some)
    gross = sum(one.paid_gross_cents for one in some)
    customers = {one.customer.id for one in some if one.cents}
    return len(customers), _cents(some), sum(one.spots for one in some), gross / paid if paid else None


def _cents(some: Sequence[OfSector]) -> int:
    return sum(one.cents for one in some)


def _split(lines: Sequence[OfSector], name: Callable[[OfSector], str]) -> list[tuple[str, list[OfSector]]]:
    parts: dict[str, list[OfSector]] = {}
    for one in lines:
        parts.setdefault(name(one), []).append(one)
    return sorted(parts.items(), key=lambda part: (-_cents(part[1]), part[0]))
