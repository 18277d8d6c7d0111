"""The 29 columns of the Commercial Log. Their position is authoritative; the header is a check. Pure."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a cell of the column holds: each kind has one parser."""

    RAW = "text as it stands"
    TEXT = "text"
    NUMBERLIKE = "text that Excel may have made a number"
    CODE = "upper-case code"
    DATE = "date"
    TIME = "time of day"
    LENGTH = "duration"
    MONEY = "money"
    MONTH = "month"
    CONTRACT = "contract number"


class Column(NamedTuple):
    name: str
    header: str
    kind: Kind


COLUMNS = (
    Column("bill_code", "Bill Code", Kind.RAW),
    Column("air_date", "Start Date", Kind.DATE),
    Column("end_date", "End Date", Kind.DATE),
    Column("day_of_week", "Day(s)", Kind.TEXT),
    Column("time_in", "Time In", Kind.TIME),
    Column("time_out", "Time Out", Kind.TIME),
    Column("length", "Length", Kind.LENGTH),
    Column("media", "Media/Name/Program", Kind.TEXT),
    Column("comments", "Comments", Kind.TEXT),
    Column("language", "Language", Kind.CODE),
    Column("format", "Format", Kind.TEXT),
    Column("unit", "Units-Spot count", Kind.NUMBERLIKE),
    Column("line", "Line", Kind.NUMBERLIKE),
    Column("spot_type", "Type", Kind.CODE),
    Column("estimate", "Agency/Episode# or cut number", Kind.NUMBERLIKE),
    Column("gross_rate", "Unit rate Gross", Kind.MONEY),
    Column("make_good", "Make Good", Kind.TEXT),
    Column("spot_value", "Spot Value", Kind.MONEY),
    Column("broadcast_month", "Month", Kind.MONTH),
    Column("broker_fees", "Broker Fees", Kind.MONEY),
    Column("priority", "Sales/rep com: revenue sharing", Kind.NUMBERLIKE),
    Column("station_net", "Station Net", Kind.MONEY),
    Column("sales_person", "Sales Person", Kind.RAW),
    Column("revenue_type", "Revenue Type", Kind.TEXT),
    Column("billing_type", "Billing Type", Kind.TEXT),
    Column("agency_flag", "Agency?", Kind.TEXT),
    Column("affidavit_flag", "Affidavit?", Kind.NUMBERLIKE),
    Column("contract", "Notarize?", Kind.CONTRACT),
    Column("market", "Market", Kind.CODE),
)

POSITION = {column.name: position for position, column in enumerate(COLUMNS)}
WIDTH = len(COLUMNS)

# Sheets that hold rows; all that are there are read.
LOG_SHEETS = ("Commercials", "Worldlink Lines", "Add to booked business", "Pending")
# Where none of those is there, the first of these that is, or else the workbook's first sheet.
OTHER_SHEETS = ("Data", "Commercial Lines", "Commercial", "Sheet1")
