"""Each report, asked of the query layer and shaped: what the pages and the exports call."""

import sqlite3
from dataclasses import replace

from bookedbiz.reports import accounts, booked, by_customer, by_name, classes, parts, trade
from bookedbiz.reports.booked import Name
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.language_scope import LanguageReport, language_report
from bookedbiz.reports.management import with_plans
from bookedbiz.reports.plans import planned
from bookedbiz.reports.sectors import group_shares, sector_tables
from bookedbiz.reports.year import Year


def customers(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_customer.CustomerReport:
    """What does each customer bring, month by month?"""
    amounts = booked.by_customer(db, filters, *by_customer.months_needed(filters))
    earlier = booked.customers_before(db, filters.year * 100 + 1)
    return by_customer.customer_report(filters, amounts, earlier, calendar)


def names(db: sqlite3.Connection, filters: Filters, calendar: Calendar, kind: Name) -> by_name.NameReport:
    """What does each name of that kind bring, by month and by quarter?"""
    amounts = booked.by_name(db, filters, kind, *by_name.months_needed(filters))
    return by_name.name_report(filters, kind, amounts, calendar)


def aes(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_name.NameReport:
    """Who sells how much, and whose accounts fall away?"""
    amounts = booked.by_name(db, filters, Name.AE, *by_name.months_needed(filters))
    earlier = booked.customers_before(db, filters.year * 100 + 1)
    falling = accounts.accounts_report(filters, amounts, earlier, calendar)
    return replace(by_name.name_report(filters, Name.AE, amounts, calendar), accounts=falling)


def sectors(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_name.NameReport:
    """Which sectors does the business come from, which groups of them, and what has none?"""
    months = Year(filters, calendar).counted
    lines = parts.by_sector(db, filters, months)
    report = names(db, filters, calendar, Name.SECTOR)
    return replace(report, more=sector_tables(lines, filters, months), shares=tuple(group_shares(lines)))


def markets(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_name.NameReport:
    """Which markets does the business come from?"""
    return names(db, filters, calendar, Name.MARKET)


def languages(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_name.NameReport:
    """Which languages does the business come from?"""
    return names(db, filters, calendar, Name.LANGUAGE)


def language_markets(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> LanguageReport:
    """In which markets do which languages sell, of how much of all revenue?"""
    months = Year(filters, calendar).counted
    return language_report(parts.by_kind(db, filters, months), parts.by_language(db, filters, months), filters)


def customer_classes(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> classes.ClassReport:
    """What is regular business, what came once, what do elections bring?"""
    return classes.class_report(filters, parts.by_class(db, filters, *classes.months_needed(filters)), calendar)


def barter(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> trade.TradeReport:
    """What was given for something other than money?"""
    return trade.trade_report(filters, parts.barter(db, filters, *trade.months_needed(filters)), calendar)


def account_standings(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> accounts.AccountsReport:
    """Which accounts grow, shrink, are new, or are lost?"""
    amounts = booked.by_name(db, filters, Name.AE, *by_name.months_needed(filters))
    earlier = booked.customers_before(db, filters.year * 100 + 1)
    return accounts.accounts_report(filters, amounts, earlier, calendar)


def management(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> by_name.NameReport:
    """How do the company and each entity do by quarter, against last year, budget and forecast?"""
    report = names(db, filters, calendar, Name.ENTITY)
    plans = planned(db, filters, filters.year * 100 + 1, filters.year * 100 + 12)
    return with_plans(report, Year(filters, calendar), plans)
