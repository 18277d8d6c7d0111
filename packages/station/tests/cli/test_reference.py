"""docs/commands.md is what the commands say of themselves."""

from pathlib import Path

from station.cli.commands import COMMANDS
from station.cli.reference import render

PAGE = Path(__file__).parents[4] / "docs" / "commands.md"


def test_the_page_of_commands_is_made_from_the_commands() -> None:
    assert PAGE.read_text() == render(), "run scripts/docs"


def test_every_command_and_every_exit_code_is_in_it() -> None:
    page = render()
    for name in COMMANDS:
        assert f"\n## station {name}\n" in page
    assert "| 20 | refused" in page
