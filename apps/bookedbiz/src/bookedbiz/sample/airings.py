"""The clean airings of each month: what a perfect Commercial Log would hold. Pure, from a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bookedbiz.months import add_months, broadcast_range, first_day
from bookedbiz.sample.world import LEAVER, Customer

# Share of a usual month: a ratings year rises into the autumn and falls after New Year.
_SEASON = (0.78, 0.86, 0.98, 1.0, 1.06, 0.98, 0.9, 0.94, 1.04, 1.14, 1.2, 1.12)
_GROWTH_PER_YEAR = 0.06
_BOOKED_AHEAD = (0.92, 0.6, 0.4, 0.24, 0.14, 0.08)  # of a usual month, this month and those that follow
MONTHS_AHEAD = len(_BOOKED_AHEAD) - 1

_PARTS = ((6, 9, 0.6), (9, 16, 0.8), (16, 19, 1.0), (19, 23, 1.6), (6, 24, 0.5))  # hours from, to; price of the part
_PROGRAMMES = (
    "Morning News", "Midday Report", "Evening News", "Drama Hour", "Variety Night", "Cooking Today", "Weekend Magazine",
    "Health Talk", "Music Stage", "Late Film",
)  # fmt: skip


@dataclass
class Airing:
    """One spot, in plain values; the writer makes cells of it, the dirt spoils some. Money in cents."""

    bill_code: str
    air_date: date
    time_in: int  # seconds after midnight
    time_out: int
    length: int
    media: str
    comments: str
    language: str
    programme: str
    unit: int
    line: int
    spot_type: str
    estimate: str
    gross: int
    make_good: str
    month: int
    broker: int
    net: int
    sales_person: str
    revenue_type: str
    billing: str
    has_agency: bool
    contract: int
    market: str
    sheet: str


def month_weights(first: int, last: int, current: int) -> dict[int, float]:
    """How much of the sample each month gets."""
    weights = {}
    month, age = first, 0
    while month <= last:
        weight = _SEASON[month % 100 - 1] * (1 + _GROWTH_PER_YEAR) ** (age / 12)
        ahead = (month // 100 - current // 100) * 12 + month % 100 - current % 100
        weights[month] = weight * (_BOOKED_AHEAD[ahead] if ahead >= 0 else 1.0)
        month, age = add_months(month, 1), age + 1
    return weights


def spots_per_month(spots: int, weights: dict[int, float]) -> dict[int, int]:
    """Exactly `spots` in all, by weight."""
    total = sum(weights.values())
    shares = {month: int(spots * weight / total) for month, weight in weights.items()}
    for month in sorted(weights, key=lambda month: weights[month], reverse=True)[: spots - sum(shares.values())]:
        shares[month] += 1
    return shares


@dataclass(frozen=True)
class MonthPlan:
    """Which month, how many spots, and where it lies in the sample."""

    month: int
    index: int
    spots: int
    today: date
    leaver_left: bool  # House has taken over from the account executive who left


def airings_of(world: Sequence[Customer], plan: MonthPlan, seed: int) -> list[Airing]:
    """The month's airings: customers by weight and season, each with orders of a few lines."""
    dice = random.Random(f"airings {seed} {plan.month}")
    active = [customer for customer in world if customer.first_month <= plan.index < customer.last_month]
    weights = [customer.weight * _seasonal(customer, plan.month) for customer in active]
    picked: dict[int, int] = {}
    for index in dice.choices(range(len(active)), weights, k=plan.spots):
        picked[index] = picked.get(index, 0) + 1
    airings: list[Airing] = []
    for index in sorted(picked):
        airings.extend(_order(dice, active[index], plan, picked[index]))
    return airings


def _seasonal(customer: Customer, month: int) -> float:
    if not customer.season:
        return 1.0
    apart = abs(month % 100 - customer.season)
    return 2.2 if min(apart, 12 - apart) <= 1 else 0.75


def _order(dice: random.Random, customer: Customer, plan: MonthPlan, count: int) -> Iterator[Airing]:
    quarter = plan.month // 100 * 10 + (plan.month % 100 + 2) // 3
    contract = 100_000 + random.Random(f"{customer.bill_code} {quarter}").randrange(900_000)
    first, last = _days(customer, plan.month)
    lines = max(1, min(5, count // 8))
    for number in range(count):
        line = number % lines + 1
        yield _airing(dice, customer, plan, _Slot(contract, line, number + 1, _a_day(dice, first, last)))


@dataclass(frozen=True)
class _Slot:
    contract: int
    line: int
    unit: int
    day: date


def _days(customer: Customer, month: int) -> tuple[date, date]:
    if customer.billing == "Calendar":
        return first_day(month), first_day(add_months(month, 1)) - timedelta(days=1)
    return broadcast_range(month)


def _a_day(dice: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=dice.randrange((last - first).days + 1))


def _airing(dice: random.Random, customer: Customer, plan: MonthPlan, slot: _Slot) -> Airing:
    fixed = random.Random(f"{slot.contract} {slot.line}")  # what all airings of a line share
    start, end, price = fixed.choice(_PARTS)
    length = fixed.choices((15, 30, 60, 120), (20, 65, 10, 5))[0]
    rate = round(customer.rate * price * length / 30) * 100 + fixed.choice((0, 0, 0, 50))
    spot_type, gross = _type_and_gross(dice, customer, rate)
    broker = round(gross * 0.05) if customer.is_worldlink else 0
    aired = slot.day < plan.today
    return Airing(
        bill_code=customer.bill_code,
        air_date=slot.day,
        time_in=start * 3600,
        time_out=end * 3600 - (1 if end == 24 else 0),
        length=length,
        media="NEED COPY" if not aired and dice.random() < 0.15 else f"{customer.bill_code.split(':')[-1]} {length}s",
        comments=_aired_at(dice, start, end) if aired else "",
        language=fixed.choice(customer.languages),
        programme=fixed.choice(_PROGRAMMES) if aired else "",
        unit=slot.unit,
        line=slot.line,
        spot_type=spot_type,
        estimate=f"E{slot.contract % 9973}",
        gross=gross,
        make_good="MG" if dice.random() < 0.01 else "",
        month=plan.month,
        broker=broker,
        net=gross - round(gross * customer.agency_share) - broker,
        sales_person="House" if customer.ae == LEAVER and plan.leaver_left else customer.ae,
        revenue_type=customer.revenue_type,
        billing=customer.billing,
        has_agency=customer.has_agency,
        contract=slot.contract,
        market=fixed.choice(customer.markets),
        sheet=_sheet(dice, customer, spot_type, aired=aired),
    )


def _type_and_gross(dice: random.Random, customer: Customer, rate: int) -> tuple[str, int]:
    if customer.revenue_type == "Paid Programming":
        return "PRG", rate * 4
    if customer.revenue_type == "Branded Content":
        return "PRD", rate * 5
    roll = dice.random()
    if roll < 0.16:
        return "BNS", 0
    if roll < 0.165:
        return "CRD", -rate
    if roll < 0.18:
        return "BB", rate // 4
    return "COM", rate


def _aired_at(dice: random.Random, start: int, end: int) -> str:
    second = dice.randrange(start * 3600, end * 3600)
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _sheet(dice: random.Random, customer: Customer, spot_type: str, *, aired: bool) -> str:
    if customer.is_worldlink:
        return "Worldlink Lines"
    if spot_type in ("PRD", "CRD"):
        return "Add to booked business"
    return "Pending" if not aired and dice.random() < 0.06 else "Commercials"
