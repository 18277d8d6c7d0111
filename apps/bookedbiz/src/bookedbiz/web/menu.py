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


@dataclass(frozen=True)
class Fold:
    """Links under one word; here when one of them is, or when no link is and this is a page behind one of them."""

    words: str
    links: list[Link]
    is_here: bool


BAR: Final = (
    Entry("reports.home", "Today"),
    Entry("reports.mine", "My book"),
    Entry("accounts.mine", "My accounts"),
    Entry("reports.months", "By month"),
    Entry("reports.customers", "By customer"),
    Entry("reports.pacing", "Pacing"),
)
FOLDED: Final = {
    "Reports": (
        Entry("reports.management", "Management"),
        Entry("reports.aes", "Account executives"),
        Entry("reports.accounts", "Growing and lost accounts"),
        Entry("reports.changes", "What changed"),
        Entry("reports.contracts", "Contracts added"),
        Entry("reports.sectors", "Sectors"),
        Entry("reports.markets", "Markets"),
        Entry("reports.languages", "Languages"),
        Entry("reports.language-markets", "Languages by market"),
        Entry("reports.classes", "Customer classes"),
        Entry("reports.trade", "Trade"),
    ),
    "Pricing": (
        Entry("reports.pricing", "Average rates"),
        Entry("reports.trends", "Price trends"),
        Entry("reports.lengths", "Spot lengths"),
    ),
    "Accounts": (
        Entry("accounts.signals", "Signals"),
        Entry("accounts.address_book", "Address book"),
        Entry("accounts.team", "Team"),
        Entry("orders.listed", "Insertion orders"),
        Entry("accounts.thresholds", "When a signal shows"),
    ),
    "Plan": (
        Entry("planning.grid", "Forecast"),
        Entry("planning.budget", "Budget"),
        Entry("sectors.by_sector", "Sectors expected"),
        Entry("versions.everything", "Budget versions"),
    ),
    "Work": (
        Entry("imports.batches", "Imports"),
        Entry("imports.months", "Closed months"),
        Entry("names.queue", "Names to resolve"),
        Entry("codes.waiting", "Codes to confirm"),
        Entry("languages.review", "Languages to look at"),
        Entry("retiring.stale_customers", "Customers to retire"),
        Entry("names.customers", "Customers"),
        Entry("names.agency_list", "Agencies"),
        Entry("retiring.classes", "Classes of customers"),
        Entry("quality.page", "Data quality"),
    ),
    "Admin": (
        Entry("users.everybody", "People"),
        Entry("audit.lines", "Audit"),
        Entry("notices.page", "Notices"),
    ),
}
_OFFERED: Final = {entry.endpoint for entries in (BAR, *FOLDED.values()) for entry in entries}


def bar() -> list[Link]:
    """What is looked at every day."""
    return _links(BAR)


def folds() -> list[Fold]:
    """All else, by what it is about; without those that hold nothing for this person."""
    behind = request.blueprint if request.endpoint not in _OFFERED else None
    found = []
    for words, entries in FOLDED.items():
        links = _links(entries)
        is_here = any(link.is_here for link in links) or behind in _behind(entries)
        found += [Fold(words, links, is_here)] if links else []
    return found


def _behind(entries: tuple[Entry, ...]) -> set[str]:
    """The parts of the application that stand behind one fold alone: a report may be of any."""
    return {entry.endpoint.partition(".")[0] for entry in entries} - {"reports"}


def _links(entries: tuple[Entry, ...]) -> list[Link]:
    return [
        Link(each.words, url_for(each.endpoint), request.endpoint == each.endpoint)
        for each in entries
        if _may_ask(each.endpoint)
    ]


def _may_ask(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    allowed = None if view is None else declared(view)
    return allowed is not None and (allowed == EVERYBODY or current_user.role in allowed)
