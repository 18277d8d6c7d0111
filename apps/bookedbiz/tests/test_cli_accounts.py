"""The commands about accounts: what they print, and how they end."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookedbiz.cli import bookedbiz

Run = Callable[..., Result]


@pytest.fixture
def run(sample_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    path = tmp_path / "ledger.db"
    path.write_bytes(sample_database.read_bytes())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE account SET ae_id = NULL")
        db.execute("UPDATE assignment SET until_at = from_at")
    for name, value in {"DATABASE_PATH": str(path), "DATA_PATH": str(tmp_path)}.items():
        monkeypatch.setitem(os.environ, name, value)
    return lambda *arguments: CliRunner().invoke(bookedbiz, [str(each) for each in arguments])


def test_signals_are_computed_and_listed(run: Run) -> None:
    assert "Computed for" in run("accounts", "refresh").output
    told = json.loads(run("accounts", "signals", "--json").output)["signals"]
    assert told
    assert {"account", "ae", "signal", "label", "state", "since"} == set(told[0])
    new = sum(each["state"] == "new" for each in told)
    assert f"{len(told)} signals, {new} of them new." in run("accounts", "signals").output


def test_accounts_are_given_out_once(run: Run) -> None:
    assert not run("accounts", "assign").output.startswith("0 ")
    assert run("accounts", "assign").output == "0 accounts given out.\n"


def test_contacts_come_in_and_go_out(run: Run, tmp_path: Path) -> None:
    name = json.loads(run("accounts", "signals", "--json").output)["signals"][0]["account"]
    file = tmp_path / "contacts.csv"
    file.write_text(f'account,name,email\n"{name}",Ann,ann@a.example\n')
    assert "1 contacts would be added" in run("accounts", "contacts", "import", file, "--dry-run").output
    assert run("accounts", "contacts", "import", file).output == "1 contacts added, 0 changed.\n"
    assert "ann@a.example" in run("accounts", "contacts", "export").output
    file.write_text("nonsense\n")
    assert run("accounts", "contacts", "import", file).exit_code != 0
