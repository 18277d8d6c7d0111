"""The reports by AE, account, sector, market and language."""

from bookedbiz.reports import make
from bookedbiz.web.reporting import Page

PAGES = (
    Page(
        "aes",
        "Account executives",
        "Who sells how much, month by month, and whose accounts fall away?",
        make.aes,
        "customers",
        "names.html",
    ),
    Page(
        "accounts",
        "Accounts",
        "Which accounts grow, shrink, are new, or are lost?",
        make.account_standings,
        "customers",
        "accounts.html",
    ),
    Page(
        "sectors",
        "Sectors",
        "Which sectors does the business come from?",
        make.sectors,
        "customers",
        "names.html",
    ),
    Page(
        "markets",
        "Markets",
        "Which markets does the business come from?",
        make.markets,
        "customers",
        "names.html",
    ),
    Page(
        "languages",
        "Languages",
        "Which languages does the business come from, and in which markets?",
        make.languages,
        "customers",
        "names.html",
    ),
)
