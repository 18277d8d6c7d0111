"""An airing as the 29 cells of a line, the way the traffic macros write them, and spoiled the way people do. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from bookedbiz.months import first_day, label
from bookedbiz.sample.airings import Airing
from bookedbiz.workbook.columns import COLUMNS, POSITION, WIDTH

DAY_S = 86_400


class Show(Enum):
    """How Excel shows a number."""

    DAY = "m/d/yyyy"
    MONTH = "mmm-yy"
    TIME = "h:mm:ss AM/PM"
    LENGTH = "[h]:mm:ss"
    ERROR = "an error value"


@dataclass(frozen=True)
class Shown:
    """A number with a format; an Excel error when `show` says so."""

    number: float
    show: Show


SampleCell = str | float | Shown
_EXCEL_EPOCH = date(1899, 12, 30)
NOT_AVAILABLE = Shown(0, Show.ERROR)


def serial(day: date) -> int:
    """The day as Excel counts."""
    return (day - _EXCEL_EPOCH).days


def cells_of(airing: Airing) -> list[SampleCell]:
    """A clean line."""
    gross = airing.gross / 100
    return [
        airing.bill_code,
        Shown(serial(airing.air_date), Show.DAY),
        Shown(serial(airing.air_date), Show.DAY),
        f"{airing.air_date:%A}",
        Shown(airing.time_in / DAY_S, Show.TIME),
        Shown(airing.time_out / DAY_S, Show.TIME),
        Shown(airing.length / DAY_S, Show.LENGTH),
        airing.media,
        airing.comments,
        airing.language,
        airing.programme,
        float(airing.unit),
        float(airing.line),
        airing.spot_type,
        airing.estimate,
        gross,
        airing.make_good,
        gross,
        Shown(serial(first_day(airing.month)), Show.MONTH),
        airing.broker / 100 if airing.broker else "",
        "",
        airing.net / 100,
        airing.sales_person,
        airing.revenue_type,
        airing.billing,
        "Agency" if airing.has_agency else "Non-agency",
        "Y",
        float(airing.contract),
        airing.market,
    ]


Spoil = Callable[[list[SampleCell], Airing, random.Random], str]
_AT = POSITION


def spoil(cells: list[SampleCell], airing: Airing, dice: random.Random, level: int) -> list[str]:
    """Spoil some cells in place; the issue codes that an importer must find. Changes `airing` to what must be stored.

    Level 0 leaves the line alone; each level makes every kind of dirt more frequent.
    """
    found = []
    for chance, dirty in _DIRT:
        if dice.random() < chance * level:
            issue = dirty(cells, airing, dice)
            if issue:
                found.append(issue)
    return found


def _spaces(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    cells[0] = dice.choice((f" {airing.bill_code}", f"{airing.bill_code}  ", airing.bill_code.upper()))
    return ""


def _sales_person(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    person = airing.sales_person
    cells[_AT["sales_person"]] = dice.choice((f"{person} ", person.upper(), f"{person} - TRANSFER"))
    return ""


def _money_text(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    amount = abs(airing.gross) / 100
    plain = f"${amount:,.2f}" if dice.random() < 0.7 else f"{amount:.2f}"
    cells[_AT["gross_rate"]] = (f"({plain})" if airing.gross < 0 else plain) if airing.gross else "-"
    return ""


def _money_bad(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    cells[_AT["gross_rate"]] = "see contract"
    cells[_AT["spot_value"]] = ""
    airing.gross = 0
    return "bad_money"


def _net_error(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    cells[_AT["station_net"]] = NOT_AVAILABLE
    airing.net = 0
    return "excel_error"


def _value(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    if cells[_AT["gross_rate"]] == "see contract":  # nothing to compare with is not the same mistake
        return ""
    cells[_AT["spot_value"]] = airing.gross / 100 + 5
    return "value_differs"


def _month_spelled(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    first = first_day(airing.month)
    cells[_AT["broadcast_month"]] = dice.choice(
        (label(airing.month), f"{first:%B %Y}", first.isoformat(), f"{first:%-m/15/%Y}",
         Shown(serial(first + timedelta(days=14)), Show.MONTH))
    )  # fmt: skip
    return ""


def _month_blank(cells: list[SampleCell], _: Airing, __: random.Random) -> str:
    cells[_AT["broadcast_month"]] = ""
    return "month_derived"


def _air_date_text(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    cells[_AT["air_date"]] = f"{airing.air_date:%-m/%-d/%Y}"
    return ""


def _length_text(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    cells[_AT["length"]] = dice.choice((f":{airing.length}", str(airing.length), float(airing.length)))
    return ""


def _length_bad(cells: list[SampleCell], _: Airing, __: random.Random) -> str:
    cells[_AT["length"]] = "tbd"
    return "bad_length"


def _time_text(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    cells[_AT["time_in"]] = f"{airing.time_in // 3600:02d}:00"
    return ""


def _language(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    spelled = dice.choice((airing.language.lower(), f"{airing.language} ", "X9", ""))
    cells[_AT["language"]] = spelled
    return "unknown_language" if spelled == "X9" else ""


def _market(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    spelled = dice.choice((f"{airing.market.lower()} ", airing.market.lower(), "PHX"))
    cells[_AT["market"]] = spelled
    return "unknown_market" if spelled == "PHX" else ""


def _type(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    if airing.spot_type != "COM":
        cells[_AT["spot_type"]] = airing.spot_type.lower()
        return ""
    spelled = dice.choice(("Com", "Spot", "Commercial", "ZZ"))
    cells[_AT["spot_type"]] = spelled
    return "unknown_spot_type" if spelled == "ZZ" else ""


def _revenue_type(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    if airing.revenue_type != "Internal Ad Sales":
        cells[_AT["revenue_type"]] = f"{airing.revenue_type.upper()} "
        return ""
    spelled = dice.choice(("A&O", "a.o.", "A & O", "", "Local"))
    cells[_AT["revenue_type"]] = spelled
    return "legacy_revenue_type" if spelled == "Local" else ""


def _contract(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    cells[_AT["contract"]] = dice.choice((str(airing.contract), "N", 0.0, ""))
    return ""


def _affidavit(cells: list[SampleCell], airing: Airing, dice: random.Random) -> str:
    cells[_AT["affidavit_flag"]] = dice.choice((f"PO {airing.contract}", "3/14", "sent", ""))
    return ""


def _no_bill_code(cells: list[SampleCell], airing: Airing, _: random.Random) -> str:
    cells[0] = airing.bill_code = ""
    return "no_bill_code"


_DIRT: tuple[tuple[float, Spoil], ...] = (
    (0.02, _spaces),
    (0.02, _sales_person),
    (0.012, _money_text),
    (0.001, _money_bad),
    (0.002, _net_error),
    (0.002, _value),
    (0.012, _month_spelled),
    (0.003, _month_blank),
    (0.01, _air_date_text),
    (0.015, _length_text),
    (0.001, _length_bad),
    (0.01, _time_text),
    (0.02, _language),
    (0.008, _market),
    (0.015, _type),
    (0.02, _revenue_type),
    (0.015, _contract),
    (0.02, _affidavit),
    (0.0004, _no_bill_code),
)


def junk_line(kind: str, gross_cents: int = 0) -> list[SampleCell]:
    """A line that is no row: blank, a header in the middle, a total, or half typed. The importer skips it."""
    cells: list[SampleCell] = [""] * WIDTH
    if kind == "header":
        return [column.header for column in COLUMNS]
    if kind == "total":
        cells[0] = "TOTAL"
        cells[_AT["gross_rate"]] = gross_cents / 100
    elif kind == "no month or date":
        cells[0] = "Cedar"
        cells[_AT["comments"]] = "ask sales"
    return cells
