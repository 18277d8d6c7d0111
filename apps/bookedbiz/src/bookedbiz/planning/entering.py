"""Numbers as a person enters them: the fields of a form, named ITEM-ENTITY-MONTH, become what plans shall be. Pure."""

import re
from collections.abc import Iterable, Mapping

from bookedbiz.errors import Refused
from bookedbiz.money import to_cents
from bookedbiz.months import label
from bookedbiz.planning.figures import Item
from bookedbiz.planning.saving import Cell, Wanted

_FIELD = re.compile(r"(budget|forecast|new_accounts|new_dollars)-([0-9]{1,9})-((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))")


def field_name(item: Item, entity_id: int, month: int) -> str:
    """`forecast-12-202611`."""
    return f"{item.value}-{entity_id}-{month}"


def wanted_of(form: Mapping[str, str], items: Iterable[Item]) -> Wanted:
    """What the fields of those items ask for; an empty field is nothing entered. Refused, naming what is no number."""
    allowed = set(items)
    wanted: dict[Cell, int | None] = {}
    wrong = []
    for name, text in form.items():
        match = _FIELD.fullmatch(name)
        if match is None or Item(match[1]) not in allowed:
            continue
        cell = Cell(int(match[2]), int(match[3]), Item(match[1]))
        try:
            wanted[cell] = entered(cell.item, text)
        except ValueError:
            wrong.append(f"{text.strip()[:20]!r} ({label(cell.month)})")
    if wrong:
        raise Refused(f"Plans not saved: no number: {', '.join(wrong[:5])}", "Enter dollars like 12,500")
    return wanted


def entered(item: Item, text: str) -> int | None:
    """The cents, or accounts, that a field asks for. ValueError when it holds no number."""
    if not text.strip():
        return None
    if item is Item.NEW_ACCOUNTS:
        return int(text.strip().replace(",", ""))
    return to_cents(text)


def shown(item: Item, value: int | None) -> str:
    """How a field shows what was entered: `12,500`, with cents where there are any."""
    if value is None:
        return ""
    if item is Item.NEW_ACCOUNTS:
        return str(value)
    return f"{value // 100:,}" if value % 100 == 0 else f"{value / 100:,.2f}"
