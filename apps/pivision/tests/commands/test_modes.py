"""What a command makes is read by nobody else, whatever the shell's umask."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from pivision.cli import pivision


def test_a_new_database_is_read_by_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "first.db"))
    before = os.umask(0o022)
    try:
        done = CliRunner().invoke(pivision, ["users", "add", "anna"], input="a long enough password\n")
    finally:
        os.umask(before)
    assert done.exit_code == 0
    assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("first.db*")} == {"first.db": 0o640}
