"""The menu of every page: what stands in it, in which order, and for whom. What nobody may ask for is not offered."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, request, url_for
from flask_login import current_user

from bookedbiz.web.roles import EVERYBODY, declared


@dataclass(frozen=True)
class Entry:
    """One line of the menu, by the endpoint it leads to."""

    endpoint: str
    words: str


@dataclass(frozen=True)
class Link:
    """An entry for the person who is signed in."""

    words: str
    address: str
    is_here: bool


BAR: Final = (
    Entry("reports.home", "Today"),
    Entry("reports.mine", "My book"),
    Entry("accounts.mine", "My accounts"),
    Entry("reports.months", "By month"),
    Entry("reports.customers", "By customer"),
    Entry("reports.aes", "AEs"),
    Entry("reports.management", "Management"),
    Entry("reports.pacing", "Pacing"),
)
FOLDED: Final = (
    Entry("accounts.address_book", "Address book"),
    Entry("accounts.signals", "Signals"),
    Entry("accounts.team", "Team"),
    Entry("reports.accounts", "Accounts"),
    Entry("reports.sectors", "Sectors"),
    Entry("reports.markets", "Markets"),
    Entry("reports.languages", "Languages"),
    Entry("reports.pricing", "Pricing"),
    Entry("reports.trends", "Price trends"),
    Entry("reports.lengths", "Spot lengths"),
    Entry("reports.language-markets", "Language and market"),
    Entry("reports.contracts", "Contracts added"),
    Entry("reports.classes", "Customer classes"),
    Entry("reports.trade", "Trade"),
    Entry("reports.changes", "What changed"),
    Entry("orders.listed", "Insertion orders"),
)
WORK: Final[tuple[Entry, ...]] = (  # where somebody changes something: planning, names, imports, people
    Entry("planning.grid", "Planning"),
    Entry("imports.batches", "Imports"),
    Entry("names.queue", "Names to resolve"),
    Entry("names.customers", "Customers and agencies"),
    Entry("languages.review", "Languages to look at"),
    Entry("codes.waiting", "Codes to confirm"),
    Entry("retiring.stale_customers", "Customers to retire"),
    Entry("quality.page", "Data quality"),
    Entry("users.everybody", "People"),
    Entry("audit.lines", "Audit"),
)


def links(entries: tuple[Entry, ...]) -> list[Link]:
    """Those of the entries that this person may ask for."""
    return [
        Link(each.words, url_for(each.endpoint), request.endpoint == each.endpoint)
        for each in entries
        if _may_ask(each.endpoint)
    ]


def _may_ask(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    allowed = None if view is None else declared(view)
    return allowed is not None and (allowed == EVERYBODY or current_user.role in allowed)
