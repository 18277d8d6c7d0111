"""The planning page's grid: entities by months, with quarters, years and the company. Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.months import add_months
from bookedbiz.planning.figures import WINDOW_MONTHS, Plan, Sums, add_up, sums_of
from bookedbiz.planning.plans import UNMATCHED, Entity, Plans
from bookedbiz.reports.calendar import months_of, quarters_of, short


@dataclass(frozen=True)
class Column:
    """One column: a month, a quarter or the year. `state`: past, window (this month and the next two) or later."""

    label: str
    months: tuple[int, ...]
    state: str = ""

    @property
    def is_month(self) -> bool:
        return len(self.months) == 1


@dataclass(frozen=True)
class Cell:
    """What a block says of a column. `plan` is None where nothing can be entered: sums, and what no entity owns."""

    column: Column
    sums: Sums
    plan: Plan | None = None

    @property
    def is_open(self) -> bool:
        """Whether a forecast can be entered."""
        return self.plan is not None and self.column.state != "past"


@dataclass(frozen=True)
class Block:
    """The lines of one entity, of the company (`entity_id` None), or of what no entity owns."""

    entity_id: int | None
    name: str
    cells: tuple[Cell, ...]
    active: bool = True

    @property
    def has_forecasts(self) -> bool:
        """Whether there is anything to reset to the budget."""
        return any(cell.is_open and cell.plan is not None and cell.plan.forecast is not None for cell in self.cells)

    @property
    def without_budget(self) -> tuple[Column, ...]:
        """The months without a budget."""
        return tuple(cell.column for cell in self.cells if cell.plan is not None and cell.plan.budget is None)

    @property
    def year(self) -> Sums:
        """The whole year."""
        return self.cells[-1].sums


@dataclass(frozen=True)
class Grid:
    """Everything the page shows of a year; the company comes first."""

    year: int
    columns: tuple[Column, ...]
    company: Block
    blocks: tuple[Block, ...]


def planning_grid(entities: Sequence[Entity], plans: Plans, year: int, current_month: int) -> Grid:
    """The grid of a year. An inactive entity is there while it has a plan or anything booked in it."""
    columns = _columns(year, current_month)
    months = months_of(year)
    named = [(each.id, each.name, each.active) for each in entities]
    blocks = [
        _entity_block(entity_id, name, plans, columns, active=active)
        for entity_id, name, active in [*named, (UNMATCHED, "Unmatched", False)]
        if active or any((entity_id, month) in plans for month in months)
    ]
    company = tuple(
        Cell(column, add_up(block.cells[position].sums for block in blocks)) for position, column in enumerate(columns)
    )
    return Grid(year, columns, Block(None, "Company", company), tuple(blocks))


def _columns(year: int, current_month: int) -> tuple[Column, ...]:
    columns: list[Column] = []
    for number, quarter in enumerate(quarters_of(year), start=1):
        columns += [Column(short(month), (month,), _state(month, current_month)) for month in quarter]
        columns.append(Column(f"Q{number}", tuple(quarter)))
    return (*columns, Column(str(year), tuple(months_of(year))))


def _state(month: int, current_month: int) -> str:
    if month < current_month:
        return "past"
    return "window" if month < add_months(current_month, WINDOW_MONTHS) else "later"


def _entity_block(
    entity_id: int, name: str, plans: Mapping[tuple[int, int], Plan], columns: Sequence[Column], *, active: bool
) -> Block:
    owned = {
        column.months[0]: plans.get((entity_id, column.months[0]), Plan()) for column in columns if column.is_month
    }
    sums = {
        column.months[0]: sums_of(owned[column.months[0]], is_past=column.state == "past")
        for column in columns
        if column.is_month
    }
    cells = tuple(
        Cell(
            column,
            add_up(sums[month] for month in column.months),
            owned[column.months[0]] if column.is_month and active else None,
        )
        for column in columns
    )
    return Block(entity_id, name, cells, active)
