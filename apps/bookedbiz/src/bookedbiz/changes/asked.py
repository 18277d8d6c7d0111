"""What is asked of the changes, as the address bar has it: one import, or two days of the station. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta

from bookedbiz.moments import utc_text
from bookedbiz.months import STATION_ZONE, label
from bookedbiz.reports.filters import LONGEST_TEXT, Filters, Measure


@dataclass(frozen=True)
class Asked(Filters):
    """Changes of one import, or of those that ended from `since` to `until`, both days included."""

    since: date = date.min
    until: date = date.max
    batch: int | None = None
    month: int | None = None

    def to_args(self) -> dict[str, str]:
        """The query of the address that asks this again."""
        args = {"batch": str(self.batch)} if self.batch is not None else {
            "since": self.since.isoformat(), "until": self.until.isoformat(),
        }  # fmt: skip
        if self.month is not None:
            args["month"] = str(self.month)
        for name in ("ae", "customer"):
            if getattr(self, name) is not None:
                args[name] = str(getattr(self, name))
        if self.measure is not Measure.GROSS:
            args["measure"] = str(self.measure)
        return args

    def words(self) -> list[str]:
        """The same for the head of an export."""
        span = f"Import: {self.batch}" if self.batch is not None else f"Days: {self.since} to {self.until}"
        named = {"Month": None if self.month is None else label(self.month), "AE": self.ae, "Customer": self.customer}
        return [span, f"Money: {self.measure}", *(f"{name}: {value}" for name, value in named.items() if value)]

    def plain(self) -> Filters:
        """The question that other reports understand."""
        return Filters(**{entry.name: getattr(self, entry.name) for entry in fields(Filters)})

    def moments(self) -> tuple[str, str]:
        """The days as the ledger writes moments, the second one excluded."""
        return utc_text(_midnight(self.since)), utc_text(_midnight(self.until + timedelta(days=1)))


def asked_of(args: Mapping[str, str], today: date, *, only_ae_id: int | None) -> Asked:
    """What an address asks for; what it says wrongly is left at its default: yesterday and today."""
    batch, month = args.get("batch", ""), args.get("month", "")
    since = _day(args.get("since", "")) or today - timedelta(days=1)
    until = _day(args.get("until", "")) or max(today, since)
    return Asked(
        year=today.year,
        measure=Measure.NET if args.get("measure") == Measure.NET else Measure.GROSS,
        ae=args.get("ae", "").strip()[:LONGEST_TEXT] or None,
        customer=args.get("customer", "").strip()[:LONGEST_TEXT] or None,
        only_ae_id=only_ae_id,
        since=min(since, until),
        until=max(since, until),
        batch=int(batch) if batch.isascii() and batch.isdigit() and len(batch) < 10 else None,
        month=int(month) if month.isascii() and month.isdigit() and len(month) == 6 else None,
    )


def narrowed(asked: Asked, **changes: object) -> Asked:
    """The same question with something changed."""
    return replace(asked, **changes)  # type: ignore[arg-type]  # names and types are the fields'


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STATION_ZONE).astimezone(UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
