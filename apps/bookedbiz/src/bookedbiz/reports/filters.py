"""What a report is asked for, as the address bar has it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any

BLANK = "(blank)"  # how an empty revenue type is written in an address and on the screen
MONTH_SORTS = tuple(f"m{number:02d}" for number in range(1, 13))
SORTS = ("total", "customer", "last", "change", "drop", *MONTH_SORTS)
LONGEST_TEXT = 120


class Measure(StrEnum):
    """Which money: what is charged, or what the station keeps."""

    GROSS = "gross"
    NET = "net"


class Status(StrEnum):
    """How an account does against the same months of last year."""

    LOST = "lost"  # business then, and nothing booked for any month of this year
    RISK = "risk"  # more than a fifth below
    MOVED = "moved"  # now sold by another AE
    NEW = "new"  # no revenue in any earlier year
    BACK = "back"  # none last year, but before that
    GROWTH = "growth"  # more than a fifth above
    STABLE = "stable"


class Span(StrEnum):
    """Which months of the year are counted."""

    ALL = "all"
    ENDED = "ended"
    CLOSED = "closed"


class Lines(StrEnum):
    """How much of a long table the page shows."""

    SOME = "some"
    ALL = "all"


@dataclass(frozen=True)
class Filters:
    """One question to a report. None means: whatever it is.

    `customer` finds names that contain it; in double quotes, exactly that name. `customer_id` is part of the path, not
    of the query. `only_ae_id` never comes from an address: it is what the person may see.
    """

    year: int
    measure: Measure = Measure.GROSS
    span: Span = Span.ALL
    ae: str | None = None
    revenue_type: str | None = None
    sector: str | None = None
    market: str | None = None
    language: str | None = None
    entity: str | None = None
    customer: str | None = None
    customer_id: int | None = None
    status: Status | None = None
    sort: str = "total"
    lines: Lines = Lines.SOME
    only_ae_id: int | None = None

    def to_args(self) -> dict[str, str]:
        """The query of the address that asks this again; what is left at its default does not appear."""
        args = {"year": str(self.year)}
        said = self.__dict__
        for name, arg, default in self._in_address():
            value = said[name]
            if value is not None and value != default:
                args[arg] = str(value)
        return args

    @classmethod
    @cache
    def _in_address(cls) -> tuple[tuple[str, str, Any], ...]:
        """What of a question stands in its address, besides the year: the field, its name there, and its default."""
        return tuple(
            (entry.name, "months" if entry.name == "span" else entry.name, entry.default)
            for entry in fields(cls)
            if entry.name not in ("year", "only_ae_id", "customer_id")
        )

    def having(self, **changes: object) -> "Filters":
        """The same question with something changed."""
        if not changes.keys() <= self.__dict__.keys():
            raise TypeError(f"No question has {', '.join(sorted(changes.keys() - self.__dict__.keys()))}")
        copy = object.__new__(type(self))  # without `dataclasses.replace`: every line of a table has one
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    def words(self) -> list[str]:
        """What narrows the figures, in words, for the head of an export."""
        named = {
            "AE": self.ae,
            "Revenue type": self.revenue_type,
            "Sector": self.sector,
            "Market": self.market,
            "Language": self.language,
            "Entity": self.entity,
            "Customer": self.customer,
            "Status": self.status,
        }
        spans = {Span.ALL: "all months", Span.ENDED: "ended months only", Span.CLOSED: "closed months only"}
        return [
            f"Year: {self.year}",
            f"Money: {self.measure}",
            f"Months: {spans[self.span]}",
            *(f"{name}: {value}" for name, value in named.items() if value is not None),
        ]


def from_args(args: Mapping[str, str], *, default_year: int, only_ae_id: int | None = None) -> Filters:
    """The filters that an address asks for; what it says wrongly is left at its default."""
    sort = args.get("sort", "")
    return Filters(
        year=_year(args.get("year", ""), default_year),
        measure=Measure.NET if args.get("measure") == Measure.NET else Measure.GROSS,
        span=Span(args["months"]) if args.get("months") in set(Span) else Span.ALL,
        ae=_text(args, "ae"),
        revenue_type=_text(args, "revenue_type"),
        sector=_text(args, "sector"),
        market=_text(args, "market"),
        language=_text(args, "language"),
        entity=_text(args, "entity"),
        customer=_text(args, "customer"),
        status=Status(args["status"]) if args.get("status") in set(Status) else None,
        sort=sort if sort in SORTS else "total",
        lines=Lines.ALL if args.get("lines") == Lines.ALL else Lines.SOME,
        only_ae_id=only_ae_id,
    )


def not_understood(args: Mapping[str, str]) -> str:
    """What `from_args` would leave at its default because it is written wrongly, in words; "" when all is well."""
    year = args.get("year", "")
    if year and _year(year, 0) == 0:
        return f"year={year!r} is no year; write it like 2026"
    allowed: dict[str, tuple[str, ...]] = {
        "measure": tuple(Measure),
        "months": tuple(Span),
        "status": tuple(Status),
        "sort": SORTS,
    }
    for name, values in allowed.items():
        if args.get(name) and args[name] not in values:
            return f"{name}={args[name]!r} is not one of {', '.join(values)}"
    return ""


def exactly(name: str) -> str:
    """The customer filter that finds this one name alone."""
    return f'"{name}"'


def _year(text: str, default: int) -> int:
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() and text >= "1990" else default


def _text(args: Mapping[str, str], name: str) -> str | None:
    return args.get(name, "").strip()[:LONGEST_TEXT] or None
