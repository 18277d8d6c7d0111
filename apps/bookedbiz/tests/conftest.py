"""A ledger, workbooks written line by line, and a small sample station, for every test of BookedBiz."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.request import ImportRequest
from bookedbiz.sample.airings import Airing
from bookedbiz.sample.book import Book, Truth
from bookedbiz.sample.cells import SampleCell, cells_of
from bookedbiz.sample.fill import SampleRequest, fill
from bookedbiz.sample.writing import write_book
from bookedbiz.workbook.columns import POSITION
from station_kit.environment import Secret
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # a Friday at the station, November 2026

Line = Callable[..., list[SampleCell]]
WriteLog = Callable[..., Path]
ImportFile = Callable[..., ImportReport]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To copy: a copy takes a tenth of the time that the migrations take."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    with closing(open_database(path)) as db:
        migrate(db, "bookedbiz.schema")
    return path


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty ledger."""
    db = open_database(Path(shutil.copy(empty_ledger, tmp_path / "ledger.db")))
    yield db
    db.close()


@pytest.fixture
def line() -> Line:
    """Makes a clean line of 29 cells, some of them replaced: `line(gross_rate=12.0, contract=7.0)`."""

    def make(**replaced: SampleCell) -> list[SampleCell]:
        cells = cells_of(
            Airing(
                bill_code="Orbit Media:Cedar Bank", air_date=date(2026, 11, 23), time_in=25_200, time_out=32_400,
                length=30, media="Cedar Bank 30s", comments="", language="M", programme="", unit=1, line=1,
                spot_type="COM", estimate="E1", gross=10_000, make_good="", month=202611, broker=0, net=8_500,
                sales_person="House", revenue_type="Internal Ad Sales", billing="Calendar", has_agency=True,
                contract=100_001, market="SFO", sheet="Commercials",
            )
        )  # fmt: skip
        for name, cell in replaced.items():
            cells[POSITION[name]] = cell
        return cells

    return make


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Writes a log: `write_log(lines)` on Commercials, or `write_log({"Pending": lines}, name="b.xlsx")`."""

    def write(lines: list[list[SampleCell]] | dict[str, list[list[SampleCell]]], name: str = "log.xlsx") -> Path:
        path = tmp_path / name
        write_book(Book(lines if isinstance(lines, dict) else {"Commercials": lines}, Truth()), path)
        return path

    return write


@pytest.fixture
def write_cells(tmp_path: Path) -> Callable[[list[list[object]]], Path]:
    """Writes a workbook with one sheet, Commercials, exactly as given, header included."""

    def write(lines: list[list[object]]) -> Path:
        path = tmp_path / "cells.xlsx"
        with xlsxwriter.Workbook(str(path)) as workbook:
            sheet = workbook.add_worksheet("Commercials")
            for row, cells in enumerate(lines):
                sheet.write_row(row, 0, cells)
        return path

    return write


@pytest.fixture
def import_file(ledger: sqlite3.Connection, tmp_path: Path) -> ImportFile:
    """Imports a workbook into the ledger: `import_file(path, accept_drop=True)`."""

    def run(path: Path, **options: object) -> ImportReport:
        return import_workbook(ledger, ImportRequest(**{"file": path, "by": "test", "now": NOW} | options), tmp_path)

    return run


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled ledger of 1,500 spots with admin@bookedbiz.example; read it, or copy it before you write."""
    folder = tmp_path_factory.mktemp("sample")
    path = folder / "bookedbiz.db"
    db = open_database(path)
    migrate(db, "bookedbiz.schema")
    fill(db, SampleRequest(1500, 7, NOW), folder, Secret("a long enough password"), lambda _: None)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path
