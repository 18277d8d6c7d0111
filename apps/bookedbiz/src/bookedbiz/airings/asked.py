"""Which airings are asked for: the filters of every report, and the very months, customer, type or contract. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from bookedbiz.months import label, months_between
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import LONGEST_TEXT, Filters

EVER = (199001, 209912)


@dataclass(frozen=True)
class Key:
    """The last airing of a page: the next one begins after it."""

    month: int
    bill_code_id: int
    day: int
    id: int

    def text(self) -> str:
        """As an address has it."""
        return f"{self.month}.{self.bill_code_id}.{self.day}.{self.id}"


@dataclass(frozen=True)
class AiringFilters(Filters):
    """A question for airings. `period` are months such as `202601-202603,202605`; without them the year's."""

    period: str | None = None
    buyer: int | None = None  # a customer's id, negative for a bill code that nobody has resolved
    spot_type: str | None = None
    contract: str | None = None
    after: str | None = None

    def words(self) -> list[str]:
        """As for every report; the months are the period's, not the year's."""
        months = _months(self.period)
        named = {
            "Months": None if not months else months_words(months),
            "Customer": None if self.buyer is None else f"number {self.buyer}",
            "Spot type": self.spot_type,
            "Contract": self.contract,
        }
        unsaid = ("Year:", "Months:", "Money:") if months else ("Money:",)
        shared = [line for line in super().words() if not line.startswith(unsaid)]
        return [*(f"{name}: {value}" for name, value in named.items() if value is not None), *shared]


def airing_filters(args: Mapping[str, str], filters: Filters) -> AiringFilters:
    """The question of the address; what it says wrongly is left out."""
    known = {entry.name: getattr(filters, entry.name) for entry in fields(Filters)}
    buyer = args.get("buyer", "")
    return AiringFilters(
        **known,
        period=args.get("period") if _months(args.get("period")) else None,
        buyer=int(buyer) if buyer.lstrip("-").isdecimal() and len(buyer) < 18 else None,
        spot_type=args["spot_type"][:LONGEST_TEXT] if "spot_type" in args else None,
        contract=args.get("contract", "").strip()[:LONGEST_TEXT] or None,
        after=args.get("after") if key_of(args.get("after")) else None,
    )


def months_asked(asked: AiringFilters, calendar: Calendar) -> list[int]:
    """The months whose airings are asked for; of a contract all there are."""
    if asked.period:
        return _months(asked.period)
    if asked.contract:
        return months_between(*EVER)
    return calendar.counted(asked.year, asked.span)


def key_of(text: str | None) -> Key | None:
    """The key that an address names."""
    parts = (text or "").split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdecimal() and len(part) < 18 for part in parts):
        return None
    return Key(*(int(part) for part in parts))


def period_text(months: Sequence[int]) -> str:
    """`202601-202603,202605`."""
    return ",".join(str(run[0]) if run[0] == run[-1] else f"{run[0]}-{run[-1]}" for run in _runs(months))


def months_words(months: Sequence[int]) -> str:
    """`Jan-26 to Mar-26, May-26`."""
    return ", ".join(
        label(run[0]) if run[0] == run[-1] else f"{label(run[0])} to {label(run[-1])}" for run in _runs(months)
    )


def _runs(months: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and months_between(runs[-1][-1], month)[1:] == [month]:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _months(text: str | None) -> list[int]:
    months: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.partition("-")
        ends = [first, last or first]
        if not all(len(end) == 6 and end.isascii() and end.isdecimal() and _is_month(int(end)) for end in ends):
            return []
        months.update(months_between(int(ends[0]), int(ends[1])))
    return sorted(months)


def _is_month(month: int) -> bool:
    return EVER[0] <= month <= EVER[1] and 1 <= month % 100 <= 12
