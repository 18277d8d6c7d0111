"""A real database file and folders of SQL for the kit's tests."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station_kit.sqlitefile import open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(path)) as db:
        yield db


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes files, name to text, into a new folder."""

    def write(under: str = "", /, **texts: str) -> Path:
        root = tmp_path / f"sql-{len(list(tmp_path.iterdir()))}"
        (root / under).mkdir(parents=True)
        for name, text in texts.items():
            (root / under / f"{name.removeprefix('_')}.sql").write_text(text, encoding="utf-8")
        return root

    return write
