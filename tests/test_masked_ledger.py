"""BookedBiz for a developer: a masked copy of a ledger is still a ledger, and names nobody."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from station.fleet import load_fleet
from station.sqlite.masking import mask

ROOT = Path(__file__).parents[1]
BOOKEDBIZ = Path(sys.executable).with_name("bookedbiz")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    _bookedbiz(folder / "real.db", "sample", "--spots", "2000")
    return folder / "real.db"


@pytest.fixture(scope="module")
def names(ledger: Path) -> list[str]:
    """Of customers and agencies, as they were."""
    with closing(sqlite3.connect(ledger)) as db:
        told = db.execute("SELECT name FROM advertiser UNION SELECT name FROM agency").fetchall()
    return [name for (name,) in told]


@pytest.fixture(scope="module")
def masked(ledger: Path, names: list[str]) -> Path:
    columns = load_fleet(ROOT / "fleets" / "demo.toml").apps["bookedbiz"].databases["main"].mask
    target = ledger.with_name("masked.db")
    mask(ledger, target, columns, os.urandom(32))
    return target


def test_a_masked_ledger_passes_every_check(masked: Path) -> None:
    assert re.search(r"passed \d+ checks", _bookedbiz(masked, "check"))


def test_a_masked_ledger_still_resolves_its_names(masked: Path) -> None:
    with closing(sqlite3.connect(masked)) as db:
        told = db.execute(
            "SELECT customer.name, bill_code.raw, customer.key, advertiser.name, agency.name FROM bill_code"
            " JOIN customer ON customer.id = bill_code.customer_id JOIN advertiser ON advertiser.id = advertiser_id"
            " JOIN agency ON agency.id = agency_id WHERE via_agency_id IS NULL"
        ).fetchall()
    assert told
    for customer, raw, key, advertiser, agency in told:
        assert customer == f"{agency}:{advertiser}"
        assert key == customer.casefold()
        assert raw.strip().casefold().startswith(agency.casefold())


def test_no_name_of_a_customer_is_left_where_names_are(masked: Path, names: list[str]) -> None:
    with closing(sqlite3.connect(masked)) as db:
        for table, column in (("customer", "name"), ("advertiser", "name"), ("bill_code", "raw"), ("audit", "key")):
            told = {name for (name,) in db.execute(f"SELECT {column} FROM {table}")}
            assert told.isdisjoint(names)
        assert db.execute("SELECT count(*) FROM user WHERE password_hash IS NOT NULL").fetchone() == (0,)


def test_both_manifests_of_bookedbiz_mask_the_same_columns() -> None:
    demo, office = load_fleet(ROOT / "fleets" / "demo.toml"), load_fleet(ROOT / "fleets" / "office.toml")
    mine = demo.apps["bookedbiz"].databases["main"].mask
    assert mine == office.apps["ctv-bookedbiz-db"].databases["main"].mask
    assert mine


def _bookedbiz(ledger: Path, *words: str) -> str:
    env = {"PATH": os.environ["PATH"], "DATABASE_PATH": str(ledger), "DATA_PATH": str(ledger.parent)}
    return subprocess.run([BOOKEDBIZ, *words], env=env, capture_output=True, text=True, check=True).stdout
