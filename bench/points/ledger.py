"""The bench's database: a ledger of 29 columns and five indexes that fills 1.4 GB, and one business day's changes.

Deterministic: the same seed gives the same bytes of content. Nothing here knows the product.
"""

import hashlib
import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROWS = 3_020_000  # with the text below some 1.4 GB: the size of the ledger that the source documents describe
MONTHS = [year * 100 + month for year in range(2018, 2027) for month in range(1, 13)][:97]  # 31,134 rows each

COLUMNS = [
    "bill_code",
    "air_date",
    "end_date",
    "day_of_week",
    "time_in",
    "time_out",
    "length",
    "media",
    "comments",
    "language",
    "format",
    "unit",
    "line",
    "spot_type",
    "estimate",
    "gross_rate",
    "make_good",
    "spot_value",
    "broadcast_month",
    "broker_fees",
    "priority",
    "station_net",
    "sales_person",
    "revenue_type",
    "billing_type",
    "agency_flag",
    "affidavit_flag",
    "contract",
    "market",
]

SCHEMA = f"""
CREATE TABLE spots (id INTEGER PRIMARY KEY, {", ".join(COLUMNS)}, import_key TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT, actor TEXT, action TEXT);
"""
INDEXES = """
CREATE INDEX spots_month ON spots (broadcast_month);
CREATE INDEX spots_bill_code ON spots (bill_code, broadcast_month);
CREATE INDEX spots_ae ON spots (sales_person, broadcast_month);
CREATE INDEX spots_air ON spots (air_date);
CREATE UNIQUE INDEX spots_key ON spots (import_key);
"""
INSERT = f"INSERT INTO spots ({', '.join([*COLUMNS, 'import_key'])}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"


def generate(path: Path, rows: int = ROWS, seed: int = 1) -> None:
    """Write the database, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    db = sqlite3.connect(partial)
    db.executescript("PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
    dice = random.Random(seed)
    per_month = rows // len(MONTHS)
    for done, month in enumerate(MONTHS):
        db.executemany(INSERT, spots(dice, month, per_month))
        if sys.stderr.isatty():
            print(f"\r  generating {100 * (done + 1) // len(MONTHS)} %", end="", file=sys.stderr)
    db.executemany("INSERT INTO users (name) VALUES (?)", [(f"user {n}",) for n in range(40)])
    db.executescript(INDEXES + "PRAGMA journal_mode=WAL;")
    db.commit()
    db.close()
    partial.rename(path)


@cache
def media_labels() -> list[str]:
    """What a control room calls its spots: a few words and the house number, one label for each cut."""
    dice = random.Random(7)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    words = ["".join(dice.choices(letters.lower(), k=dice.randrange(3, 10))) for _ in range(900)]
    return [
        f"{' '.join(dice.choices(words, k=4))} {''.join(dice.choices(letters, k=4))}{n:05d}H" for n in range(60_000)
    ]


def spots(dice: random.Random, month: int, count: int) -> Iterator[tuple[object, ...]]:
    """`count` airings of one month. Values repeat the way a schedule's do; the import key is random."""
    year, number = divmod(month, 100)
    labels = media_labels()
    for n in range(count):
        day = 1 + n * 28 // count
        customer = dice.randrange(380)  # each with its agency: some 400 customers and 80 agencies, as a station has
        agency = customer * 7 % 80
        gross = dice.choice((0, 35, 45, 60, 75, 90, 120, 150, 225, 400))
        city = ("Fresno", "Seattle", "Houston")[customer % 3]
        yield (
            f"Agency {agency:02d} Media Group:Customer {customer:03d} of {city}",
            f"{year}-{number:02d}-{day:02d}",
            f"{year}-{number:02d}-{day:02d}",
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day % 7],
            f"{dice.randrange(6, 22):02d}:{dice.randrange(60):02d}:00",
            f"{dice.randrange(6, 24):02d}:{dice.randrange(60):02d}:00",
            dice.choice((15, 30, 30, 30, 60)),
            labels[dice.randrange(len(labels))],
            f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}",
            dice.choice(("M", "C", "V", "T", "K", "SA", "HM", "E")),
            f"Programme {dice.randrange(60)}",
            n,
            dice.randrange(1, 30),
            dice.choice(("COM", "COM", "BNS", "PRD")),
            f"EST-{dice.randrange(10_000)}",
            gross,
            None,
            gross,
            month,
            0,
            None,
            gross * 0.85,
            f"Seller {customer % 12}",
            dice.choice(("Internal Ad Sales", "Direct Response Sales", "Paid Programming")),
            dice.choice(("Calendar", "Broadcast")),
            dice.choice(("Agency", "Non-agency")),
            "N",
            100_000 + dice.randrange(6_000),
            dice.choice(("SEA", "SFO", "LAX", "CVC", "NYC", "HOU", "DAL", "CMP", "MMT")),
            hashlib.md5(dice.randbytes(8), usedforsecurity=False).hexdigest(),
        )


def business_day(path: Path, kind: str, parts: int = 1) -> Iterator[None]:
    """A day of an office, in so many parts; what was yielded is committed.

    "heavy": 2,000 inserts, 5,000 scattered updates, and, in the middle part and in one piece, as people do it, a month
    taken out and imported again: its rows are near copies of those that were there, with other import keys.
    "typical": 2,000 inserts, and 5,000 updates of the last two months.
    """
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=NORMAL")
    dice = random.Random(2 if kind == "heavy" else 3)
    last = db.execute("SELECT max(id) FROM spots").fetchone()[0]
    recent = db.execute("SELECT id FROM spots WHERE broadcast_month >= ?", (MONTHS[-2],)).fetchall()
    inserts = list(spots(dice, MONTHS[-1], 2_000))
    if kind == "heavy":
        updates = [(dice.randrange(500), dice.randrange(1, last)) for _ in range(5_000)]
    else:
        updates = [(dice.randrange(500), dice.choice(recent)[0]) for _ in range(5_000)]
    for part in range(parts):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(INSERT, _share(inserts, part, parts))
        db.execute("COMMIT")
        db.execute("BEGIN IMMEDIATE")
        db.executemany("UPDATE spots SET gross_rate = ?, comments = 'moved' WHERE id = ?", _share(updates, part, parts))
        db.execute("COMMIT")
        if kind == "heavy" and part == parts // 2:
            import_again(db, dice, MONTHS[-4])
        yield
    db.close()


def import_again(db: sqlite3.Connection, dice: random.Random, month: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    again = db.execute(f"SELECT {', '.join(COLUMNS)} FROM spots WHERE broadcast_month = ?", (month,)).fetchall()
    db.execute("DELETE FROM spots WHERE broadcast_month = ?", (month,))
    keyed = [(*row, hashlib.md5(dice.randbytes(8), usedforsecurity=False).hexdigest()) for row in again]
    db.executemany(INSERT, keyed)
    db.execute("COMMIT")


def _share(all_of_them: Sequence[tuple[object, ...]], part: int, parts: int) -> Sequence[tuple[object, ...]]:
    return all_of_them[part * len(all_of_them) // parts : (part + 1) * len(all_of_them) // parts]


def main(verb: str, target: Path, *rest: str) -> None:
    """`generate DATABASE ROWS`, `day DATABASE KIND`, or `parts DATABASE KIND PARTS`: a part for each line it reads."""
    if verb == "generate":
        generate(target, int(rest[0]))
    elif verb == "day":
        list(business_day(target, rest[0]))
    else:
        day = business_day(target, rest[0], int(rest[1]))
        for _ in sys.stdin:
            next(day)
            print("{}", flush=True)
        list(day)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
