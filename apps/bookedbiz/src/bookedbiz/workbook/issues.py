"""What can be wrong with a cell of a row that is stored all the same, by code, in a clerk's words."""

from typing import NamedTuple

TITLES = {
    "excel_error": "Excel error, or a formula never calculated, instead of a value",
    "bad_date": "not a date",
    "bad_time": "not a time of day",
    "bad_length": "not a duration",
    "bad_money": "not an amount of money",
    "bad_month": "not a month",
    "no_bill_code": "no bill code",
    "unreadable_bill_code": "bill code names no customer",
    "month_derived": "month blank or unreadable: taken from the air date",
    "month_differs": "month is not that of the air date",
    "day_differs": "day of the week is not that of the air date",
    "value_differs": "spot value is not the gross rate",
    "unknown_market": "market seen for the first time, waits to be confirmed",
    "unknown_language": "unknown language",
    "unknown_spot_type": "unknown spot type, counts as blank",
    "unknown_revenue_type": "unknown revenue type",
    "legacy_revenue_type": "old revenue type, to be reclassified",
}


class Issue(NamedTuple):
    """One cell: its column's position, the code, and what the cell says."""

    position: int
    code: str
    raw: str
