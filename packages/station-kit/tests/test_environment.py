"""What the host tells an app, and secrets that do not show."""

import json
import pickle
from pathlib import Path

import pytest

from station_kit.environment import Environment, Secret, credential, read
from station_kit.errors import BadSetting

FULL = {
    "DATABASE_PATH": "/d/app.db",
    "DATA_PATH": "/d",
    "PORT": "8000",
    "BIND": "0.0.0.0",
    "CREDENTIALS_DIRECTORY": "/c",
    "HOST_NAME": "pi2",
}


def test_everything_that_is_told_is_read() -> None:
    assert read(FULL) == Environment(Path("/d/app.db"), Path("/d"), 8000, "0.0.0.0", Path("/c"), "pi2")


def test_only_the_database_must_be_told() -> None:
    told = read({"DATABASE_PATH": "/d/app.db"})
    assert told == Environment(Path("/d/app.db"), Path("/d"), None, "127.0.0.1", None, "")


@pytest.mark.parametrize("environ", [{}, {"DATABASE_PATH": ""}])
def test_there_is_no_default_place_for_a_database(environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="No database: DATABASE_PATH is not set"):
        read(environ)


def test_the_database_may_come_in_another_variable() -> None:
    assert read({"LEDGER": "/l.db"}, database_variable="LEDGER").database == Path("/l.db")


@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1", "8 0", "٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(BadSetting, match="No port: PORT is"):
        read(FULL | {"PORT": port})


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" hush \n", encoding="utf-8")
    assert credential("key", {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == " hush "


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nokey", "cannot be read: No such file"),
        ("empty", "is empty"),
        ("../x", "no name of a secret"),
        ("", "no name"),
    ],
)
def test_a_secret_that_is_not_there_is_named(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(BadSetting, match=message):
        credential(name, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_without_a_folder_of_secrets_there_is_none() -> None:
    with pytest.raises(BadSetting, match="No secret key: CREDENTIALS_DIRECTORY is not set"):
        credential("key", {})


def test_a_secret_does_not_show() -> None:
    secret = Secret("hush")
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>20}",
        repr([secret]),
        repr({"a": secret}),
    ]
    assert not any("hush" in text for text in shown)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert not hasattr(secret, "__dict__")


def test_secrets_are_equal_when_their_texts_are() -> None:
    assert Secret("hüsh") == Secret("hüsh")
    assert Secret("hush") != Secret("loud")
    assert Secret("hush") != "hush"
