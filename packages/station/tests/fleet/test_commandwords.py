"""Words of a command that name a variable: filled in by us, and checked when the manifest is read."""

import pytest

from station.fleet import filled

TOLD = {"DATABASE_PATH": "/data/a b.db", "PORT": "8100", "BIND": "::1"}


@pytest.mark.parametrize(
    ("word", "becomes"),
    [
        ("${DATABASE_PATH}", "/data/a b.db"),
        ("--listen=[${BIND}]:${PORT}", "--listen=[::1]:8100"),
        ("$PORT", "$PORT"),
        ("$${PORT}", "${PORT}"),
        ("$$${PORT}", "$${PORT}"),
        ("100 $", "100 $"),
        ("${PORT", "${PORT"),
    ],
)
def test_a_word_gets_what_its_variables_say(word: str, becomes: str) -> None:
    assert filled(["notes", word], TOLD) == ("notes", becomes)


def test_a_value_is_never_looked_at_again() -> None:
    assert filled(["${PORT}"], {"PORT": "${BIND} $${x}"}) == ("${BIND} $${x}",)


def test_whatever_a_process_is_told_may_be_named(changed) -> None:
    words = ["notes", "${DATABASE_PATH}", "${DATA_PATH}", "${BIND}:${PORT}", "${HOST_NAME}", "${CREDENTIALS_DIRECTORY}"]
    more = f"[processes.api]\nport = 8101\ncommand = {words}\n[jobs.tidy]\nevery_s = 60\ncommand = {words[:3]}\n"
    assert changed(more_app=more).apps["notes"].processes["api"].command == tuple(words)


@pytest.mark.parametrize(
    ("more_app", "mistake"),
    [
        (
            '[commands]\nx = ["notes", "${DATBASE_PATH}"]',
            "commands.x[1]: names ${DATBASE_PATH}, which it is not told; did you mean DATABASE_PATH?",
        ),
        (
            '[jobs.x]\nevery_s = 60\ncommand = ["notes", "${PORT}"]',
            "jobs.x.command[1]: names ${PORT}, which it is not told; there are DATABASE_PATH, DATA_PATH,",
        ),
        (
            '[processes.x]\ncommand = ["notes", "${HOME}", "${BIND:-x}"]',
            "processes.x.command[1]: names ${HOME}, which it is not told; did you mean HOST_NAME?",
        ),
    ],
)
def test_a_name_that_it_is_not_told_is_a_mistake(mistakes, more_app: str, mistake: str) -> None:
    lines = mistakes(more_app=more_app)
    assert lines[0].startswith(f"notes/app.toml: {mistake}")
