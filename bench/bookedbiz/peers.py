"""What others do with the same file: one way of reading a workbook, or of asking the spots, in a process of its own.

    peers.py openpyxl|calamine WORKBOOK       reads every cell, does nothing with it
    peers.py months|customers|tuples LEDGER   asks the spots themselves, as SQL that anybody would write

The three questions are those of the pages "by month" and "by customer" and of the sheet export. Prints one line of
JSON: rows, and for a question the milliseconds of each of five times.
"""

import json
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime

import openpyxl
import python_calamine

TIMES = 5
YEAR = datetime.now(UTC).year
NAMED = """
FROM spot
JOIN bill_code ON bill_code.id = spot.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN revenue_type ON revenue_type.id = spot.revenue_type_id
"""
QUESTIONS = {
    "months": f"""SELECT month, sum(gross_cents) AS gross, sum(net_cents) AS net
{NAMED} WHERE NOT is_trade AND month BETWEEN {YEAR - 1}01 AND {YEAR}12 GROUP BY month""",
    "customers": f"""SELECT coalesce(customer.name, bill_code.raw) AS customer, month, sum(gross_cents) AS gross
{NAMED} WHERE NOT is_trade AND month BETWEEN {YEAR - 1}01 AND {YEAR}12 GROUP BY 1, 2""",
    "tuples": f"""SELECT bill_code.raw AS customer, market.code AS market, revenue_type.name AS class,
    sales_person.raw AS ae, lower(trim(label.text)) = 'agency' AS agency, sector.name AS sector, month,
    sum(gross_cents) AS gross, sum(net_cents) AS net, sum(broker_cents) AS broker
{NAMED} JOIN market ON market.id = spot.market_id JOIN sales_person ON sales_person.id = spot.sales_person_id
LEFT JOIN label ON label.id = spot.agency_flag_id LEFT JOIN sector ON sector.id = customer.sector_id
WHERE NOT is_trade GROUP BY 1, 2, 3, 4, 5, 6, 7""",
}


def read_by_openpyxl(workbook: str) -> int:
    book = openpyxl.load_workbook(workbook, read_only=True, data_only=True)
    with closing(book):
        return sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))


def read_by_calamine(workbook: str) -> int:
    with python_calamine.CalamineWorkbook.from_path(workbook) as book:
        return sum(1 for name in book.sheet_names for _ in book.get_sheet_by_name(name).iter_rows())


def ask(ledger: str, question: str) -> tuple[int, list[float]]:
    took = []
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
        for _ in range(TIMES):
            began = time.perf_counter()
            rows = db.execute(QUESTIONS[question]).fetchall()
            took.append(1000 * (time.perf_counter() - began))
    return len(rows), took


if __name__ == "__main__":
    what, path = sys.argv[1:]
    if what in QUESTIONS:
        count, times = ask(path, what)
        print(json.dumps({"rows": count, "ms": times}))
    else:
        print(json.dumps({"rows": {"openpyxl": read_by_openpyxl, "calamine": read_by_calamine}[what](path)}))
