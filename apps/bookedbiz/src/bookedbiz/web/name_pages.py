"""The reports by AE, account, sector, market and language, by class of customer, and on barter."""

from bookedbiz.reports import make
from bookedbiz.web.reporting import Page
from bookedbiz.web.roles import MANAGEMENT

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
        "Which sectors and groups does the business come from, and what has none?",
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
        "Which languages does the business come from?",
        make.languages,
        "customers",
        "names.html",
    ),
    Page(
        "language-markets",
        "Language and market",
        "In which markets do which languages sell, of how much of all revenue?",
        make.language_markets,
        "customers",
        "language-markets.html",
        bar=("ae", "sector", "market", "language", "customer"),
    ),
    Page(
        "classes",
        "Customer classes",
        "How much is regular business, how much came once, how much is political?",
        make.customer_classes,
        "customers",
        "classes.html",
        roles=MANAGEMENT,
        bar=("ae", "revenue_type", "sector", "market"),
    ),
    Page(
        "trade",
        "Trade",
        "What was given for something other than money? None of it is revenue.",
        make.barter,
        "trade",
        "trade.html",
        bar=("ae", "sector", "market", "customer"),
        trade="only",
    ),
)
