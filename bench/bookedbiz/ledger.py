"""The station of the bench: a ledger of 960,000 spots, a recap and a log, all of them made up and dirty.

    .venv/bin/python bench/bookedbiz/ledger.py FOLDER [--spots N]

FOLDER/ledger.db is made by the importer from six workbooks, as an office's would be, in five minutes; the recap and
the log are written beside it. What is there already stays.
"""

import argparse
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from bookedbiz.importing.request import Mode
from bookedbiz.months import add_months, month_of, station_day
from bookedbiz.sample.fill import SampleRequest, fill
from bookedbiz.sample.plan import Part, SampleSpec
from bookedbiz.sample.world import Size
from bookedbiz.sample.writing import write_book
from station_kit.environment import Secret
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

SPOTS = 960_000
RECAP_ROWS, LOG_ROWS = 97_000, 16_500
SIZE = Size(customers=400, agencies=60, aes=12, years_back=5)
SEED = 7
PASSWORD = Secret("the password of the bench")


def make_ledger(folder: Path, spots: int = SPOTS) -> Path:
    """The filled ledger, with its first admin."""
    path = folder / "ledger.db"
    with closing(open_database(path)) as db:
        migrate(db, "bookedbiz.schema")
        fill(db, SampleRequest(spots, SEED, datetime.now(UTC), size=SIZE), folder, PASSWORD, print)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def make_workbooks(folder: Path) -> tuple[Path, Path]:
    """A recap of the year before this, and a log of this month and the next, as Excel would save them."""
    today = station_day(datetime.now(UTC))
    now = month_of(today)
    last_year = tuple(range(today.year * 100 - 99, today.year * 100 - 87))
    ahead = tuple(add_months(now, number) for number in range(6))
    recap = _write(folder / f"{today.year - 1}.xlsx", Mode.CLOSE, last_year, RECAP_ROWS, today)
    log = _write(folder / f"Commercial Log {today:%y%m%d}.xlsx", Mode.WEEKLY, ahead, LOG_ROWS, today)
    return recap, log


def _write(path: Path, mode: Mode, months: tuple[int, ...], rows: int, today: date) -> Path:
    if not path.exists():
        shares = {month: rows // len(months) + (number < rows % len(months)) for number, month in enumerate(months)}
        spec = SampleSpec(rows, SEED, today, size=SIZE)
        write_book(Part(PurePosixPath(path.name), mode, months, spec, shares).book(), path)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spots", type=int, default=SPOTS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    make_workbooks(chosen.folder)
    make_ledger(chosen.folder, chosen.spots)
