"""Lines of a month, for every test of importing."""

import pytest


@pytest.fixture
def numbered(line):
    """So many lines of a month that differ in their unit."""

    def make(count: int, month: str = "Nov-26", **replaced: object) -> list:
        date = {"Sep-26": "9/7/2026", "Oct-26": "10/5/2026", "Nov-26": "11/23/2026", "Dec-26": "12/7/2026"}[month]
        cells = {"broadcast_month": month, "air_date": date, "day_of_week": "Monday"} | replaced
        return [line(unit=float(number), **cells) for number in range(count)]

    return make
