"""The command line itself: help, errors, exit codes, and how little it loads."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from station.cli import main
from station.cli.commands import COMMANDS, GROUPS, SHOWN, Entry
from station.cli.console import show
from station.errors import Refused, StationError, exit_codes

Fails = Callable[[BaseException], None]

HEAVY = ("numpy", "apsw", "zstandard", "flask", "pydantic", "rich", "httpx", "uvicorn", "station.fleet")


def test_help_loads_none_of_the_heavy_libraries() -> None:
    look = f"print([m for m in {HEAVY} if m in sys.modules])"
    code = f"import sys; from station.cli.main import run; run(['--help']); {look}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_ends_with_every_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    lines = [line.split(maxsplit=1) for line in capfd.readouterr().out.splitlines() if line.strip()]
    shown = [(int(line[0]), line[1].strip()) for line in lines[-len(exit_codes()) :]]
    assert shown == exit_codes()


def test_help_names_every_command_under_a_heading(capfd: pytest.CaptureFixture[str]) -> None:
    main.run(["--help"])
    lines = capfd.readouterr().out.splitlines()
    assert all(f"{heading}:" in lines for heading in GROUPS)
    assert {line.split()[0] for line in lines if line.startswith("  ") and line.strip()} >= SHOWN.keys()


def test_help_keeps_the_internal_commands_to_itself(capfd: pytest.CaptureFixture[str]) -> None:
    main.run(["--help"])
    assert "mirror" not in capfd.readouterr().out


def test_wrong_usage_is_exit_code_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["no-such-thing"]) == 2
    assert capfd.readouterr().out == ""


def _answering(do: Callable[[], None]) -> click.Command:
    json_flag = click.Option(["--json", "as_json"], is_flag=True, expose_value=False)
    return click.Command("fails", callback=do, params=[json_flag])


def _command_raising(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return _answering(fail)


@pytest.fixture
def fails_with(monkeypatch: pytest.MonkeyPatch) -> Fails:
    def arrange(error: BaseException) -> None:
        monkeypatch.setitem(COMMANDS, "fails", Entry("no.such:module", "fails"))
        monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: _command_raising(error))

    return arrange


def test_an_operators_error_is_text_on_stderr_with_its_own_exit_code(
    fails_with: Fails, capfd: pytest.CaptureFixture[str]
) -> None:
    fails_with(Refused("Not overwritten: there is a file", "Name another"))
    assert main.run(["fails"]) == 20
    shown = capfd.readouterr()
    assert shown.err == "error: Not overwritten: there is a file\n\n  hint: Name another\n"
    assert shown.out == ""


def test_every_line_of_a_long_hint_is_indented(fails_with: Fails, capfd: pytest.CaptureFixture[str]) -> None:
    fails_with(StationError("It failed", "Do this\nThen that"))
    assert main.run(["fails"]) == 1
    assert capfd.readouterr().err == "error: It failed\n\n  hint: Do this\n        Then that\n"


def test_with_json_a_failure_is_one_object_on_stdout_too(fails_with: Fails, capfd: pytest.CaptureFixture[str]) -> None:
    fails_with(Refused("Not overwritten: there is a file", "Name another"))
    assert main.run(["fails", "--json"]) == 20
    shown = capfd.readouterr()
    assert json.loads(shown.out) == {
        "error": "Not overwritten: there is a file",
        "hint": "Name another",
        "exit_code": 20,
    }
    assert "Not overwritten" in shown.err


def test_with_json_wrong_usage_and_ctrl_c_are_objects_too(fails_with: Fails, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["db", "no-such-thing", "--json"]) == 2
    said = json.loads(capfd.readouterr().out)
    assert (said["error"], said["exit_code"]) == ("No such command 'no-such-thing'.", 2)
    fails_with(KeyboardInterrupt())
    assert main.run(["fails", "--json"]) == 130
    assert json.loads(capfd.readouterr().out)["exit_code"] == 130


def test_a_result_that_was_printed_is_not_followed_by_a_second_object(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        show({"ok": False}, str, as_json=True)
        raise Refused("It is not ok")

    monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: _answering(fail))
    assert main.run(["fails", "--json"]) == 20
    assert capfd.readouterr().out == '{"ok": false}\n'


def test_ctrl_c_is_exit_code_130(fails_with: Fails) -> None:
    fails_with(KeyboardInterrupt())
    assert main.run(["fails"]) == 130


def test_a_bug_shows_its_traceback(fails_with: Fails) -> None:
    fails_with(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main.run(["fails"])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_help_is_the_commands_own(name: str) -> None:
    module = COMMANDS[name].target.partition(":")[0]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not there")
    command = main.station.get_command(click.Context(main.station), name)
    assert command is not None
    assert command.get_short_help_str(200).rstrip(".") == COMMANDS[name].help.rstrip(".")
