"""A process that moves money between accounts of a database until it is killed; the sum of all accounts never changes.

follow_writer.py DATABASE SEED COMMITS_A_SECOND
"""

import random
import sqlite3
import sys
import time
from pathlib import Path


def main(path: Path, seed: int, per_second: float) -> None:
    dice = random.Random(seed)
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    for pragma in (f"cache_size = {dice.choice([3, 500])}", "synchronous = off", "wal_autocheckpoint = 200"):
        database.execute(f"pragma {pragma}")
    while True:
        database.execute("begin immediate")
        for _ in range(dice.randrange(1, 6)):
            amount, giver, taker = dice.randrange(100), dice.randrange(1, 201), dice.randrange(1, 201)
            database.execute("update accounts set cents = cents - ? where id = ?", (amount, giver))
            database.execute("update accounts set cents = cents + ? where id = ?", (amount, taker))
            database.execute("insert into moves (note) values (?)", (dice.randbytes(dice.choice([10, 300, 9000])),))
        database.execute("delete from moves where id < (select max(id) from moves) - 100")
        database.execute("commit" if dice.random() < 0.8 else "rollback")
        time.sleep(dice.random() * 2 / per_second)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
