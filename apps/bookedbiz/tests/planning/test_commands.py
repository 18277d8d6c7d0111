"""Budgets, switches and tokens from the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bookedbiz.cli import bookedbiz
from bookedbiz.errors import Refused


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "bookedbiz.db"))

    def call(*arguments: str, stdin: str = ""):
        return CliRunner().invoke(bookedbiz, [str(each) for each in arguments], input=stdin)

    return call


def test_a_budget_is_imported_once(run, tmp_path: Path) -> None:
    path = tmp_path / "budget.csv"
    path.write_text("AE,Jan-2098,Feb-2098\nHouse,1000,2000\nWorldLink,10,20\n")
    assert "4 budgets of 2 entities would change." in run("budget", "import", path, "--dry-run").output
    assert "4 budgets of 2 entities changed." in run("budget", "import", path, "--note", "approved").output
    again = json.loads(run("budget", "import", path, "--json").output)
    assert (again["session"], again["changes"]) == (None, 0)
    assert again["entities"][0] == {"name": "House", "months": 2, "changed": 0, "before": 300_000, "after": 300_000}


def test_a_past_budget_changes_only_on_purpose(run, tmp_path: Path) -> None:
    path = tmp_path / "budget.csv"
    for amount in (1, 2):
        path.write_text(f"AE,Jan,Feb\nHouse,{amount},{amount}\n")
        last = run("budget", "import", path, "--year", "2001")
    assert isinstance(last.exception, Refused)
    assert "2 budgets of 1 entity changed." in run("budget", "import", path, "--year", "2001", "--change-past").output


def test_a_token_is_printed_once_and_can_be_revoked(run) -> None:
    made = run("token", "new", "Sales workbook")
    token = made.stdout.splitlines()[0]
    assert len(token) > 30
    listed = run("token", "list").output
    assert "Sales workbook" in listed
    assert "1 token in force." in listed
    assert token not in listed
    assert "revoked" in run("token", "revoke", "Sales workbook").output
    assert [each["revoked_at"] is None for each in json.loads(run("token", "list", "--json").output)["tokens"]] == [
        False
    ]


def test_a_token_that_a_workbook_has_is_not_printed(run) -> None:
    made = run("token", "new", "Old workbook", "--token-file", "-", stdin="the token it always had\n")
    assert made.exit_code == 0
    assert "always" not in made.output


def test_a_switch_is_turned(run) -> None:
    assert "off  management writes plans" in run("switch", "list").output
    assert "is on." in run("switch", "turn", "management writes plans", "on").output
    assert json.loads(run("switch", "list", "--json").output)["management writes plans"] is True
    assert "as it was" in run("switch", "turn", "management writes plans", "on").output
