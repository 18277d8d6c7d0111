"""The address book's list: what it is asked for, as its address has it, and the accounts that this finds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from bookedbiz.accounts.signals import Kind
from bookedbiz.accounts.standing import Account
from bookedbiz.names.text import name_key

SHOWN = 100  # accounts on a page
NOBODY = "(nobody)"
NONE = "(none)"
TOUCHES = {"30": "none for 30 days", "90": "none for 90 days", "never": "never any"}
SORTS = ("revenue", "name", "touch", "health")


@dataclass(frozen=True)
class Asked:
    """One question to the address book. "" means: whatever it is."""

    q: str = ""
    kind: str = ""
    market: str = ""
    sector: str = ""
    ae: str = ""
    signal: str = ""
    touch: str = ""
    missing: str = ""
    state: str = ""
    view: str = ""
    sort: str = ""
    page: str = ""

    def having(self, **changes: str) -> "Asked":
        return replace(self, **changes)

    def to_args(self) -> dict[str, str]:
        return {entry.name: value for entry in fields(self) if (value := getattr(self, entry.name))}

    @property
    def number(self) -> int:
        """The page that is asked for, from 0."""
        return int(self.page) - 1 if self.page.isascii() and self.page.isdigit() and 0 < int(self.page) < 1000 else 0


@dataclass(frozen=True)
class Choices:
    """What the filter bar offers, from the accounts that may be seen."""

    markets: tuple[str, ...]
    sectors: tuple[str, ...]
    aes: tuple[str, ...]


def asked_of(args: Mapping[str, str]) -> Asked:
    """What an address asks for; what it says wrongly stays open."""
    given = {entry.name: args.get(entry.name, "").strip()[:120] for entry in fields(Asked)}
    allowed = {
        "kind": ("customer", "agency"),
        "signal": ("any", NONE, *(kind.value for kind in Kind)),
        "touch": tuple(TOUCHES),
        "missing": ("contact",),
        "state": ("inactive", "all"),
        "view": ("grouped",),
        "sort": SORTS[1:],
    }
    return Asked(**{name: text if text in allowed.get(name, (text,)) else "" for name, text in given.items()})


def choices_of(every: Sequence[Account]) -> Choices:
    """Markets, sectors and AEs that occur."""
    return Choices(
        markets=tuple(sorted({code for account in every for code in account.markets.split(",") if code})),
        sectors=tuple(sorted({account.sector for account in every if account.sector})),
        aes=tuple(sorted({account.ae for account in every if account.ae})),
    )


def find(every: Sequence[Account], asked: Asked) -> list[Account]:
    """The accounts that are asked for, in the order that is asked for."""
    found = [account for account in every if _is_meant(account, asked)]
    if asked.sort == "name":
        return sorted(found, key=lambda account: (account.name.casefold(), account.kind))
    if asked.sort == "touch":
        return sorted(found, key=lambda account: (-_days(account), -account.year_cents, account.id))
    if asked.sort == "health":
        return sorted(found, key=lambda account: (account.score, -account.year_cents, account.id))
    return sorted(found, key=lambda account: (-account.year_cents, account.name.casefold(), account.id))


def grouped(found: Sequence[Account]) -> list[Account]:
    """Each agency with its customers below it, customers of agencies that are not found, then who buys directly."""
    agencies = {account.id: account for account in found if account.kind == "agency"}
    below: dict[int, list[Account]] = {}
    for account in found:
        if account.kind == "customer" and account.parent_id is not None:
            below.setdefault(account.parent_id, []).append(account)
    ordered: list[Account] = []
    for account in found:
        if account.kind == "agency":
            ordered += [account, *below.pop(account.id, ())]
    ordered += [account for accounts in below.values() for account in accounts if account.parent_id not in agencies]
    return ordered + [account for account in found if account.kind == "customer" and account.parent_id is None]


def _days(account: Account) -> int:
    return 1_000_000 if account.touched_days is None else account.touched_days


def _is_meant(account: Account, asked: Asked) -> bool:
    return (
        (not asked.q or name_key(asked.q) in name_key(f"{account.name} {account.contact} {account.po_number}"))
        and asked.kind in ("", account.kind)
        and (not asked.market or asked.market in account.markets.split(","))
        and (not asked.sector or account.sector == ("" if asked.sector == NONE else asked.sector))
        and (not asked.ae or account.ae == ("" if asked.ae == NOBODY else asked.ae))
        and _has_signal(account, asked.signal)
        and _is_untouched(account, asked.touch)
        and (not asked.missing or not account.contact)
        and (asked.state == "all" or account.active != (asked.state == "inactive"))
    )


def _has_signal(account: Account, asked: str) -> bool:
    kinds = {item.kind.value for item in account.signals if item.state != "dismissed"}
    return not asked or (not kinds if asked == NONE else bool(kinds) if asked == "any" else asked in kinds)


def _is_untouched(account: Account, asked: str) -> bool:
    if not asked:
        return True
    days = account.touched_days
    return days is None if asked == "never" else days is None or days > int(asked)
