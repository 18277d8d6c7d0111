"""What is missing is named before anything starts."""

from pathlib import Path

import pytest

from bookedbiz.settings import Settings, StartRefused

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secret_key").write_text(KEY + "\n")
    return {"DATABASE_PATH": str(tmp_path / "app.db"), "CREDENTIALS_DIRECTORY": str(tmp_path)}


def test_the_settings_are_what_the_environment_says(environ: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_env(environ | {"PORT": "8123", "HOST_NAME": "pi2"})
    assert (settings.database, settings.port, settings.host_name) == (tmp_path / "app.db", 8123, "pi2")
    assert settings.secret_key.reveal() == KEY


def test_only_this_machine_can_reach_it_unless_told_otherwise(environ: dict[str, str]) -> None:
    assert Settings.from_env(environ).bind == "127.0.0.1"


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(StartRefused) as refused:
        Settings.from_env({})
    assert "DATABASE_PATH" in refused.value.message
    assert "secret_key" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("key", ["", "short"])
def test_a_missing_or_guessable_key_is_refused(environ: dict[str, str], tmp_path: Path, key: str) -> None:
    (tmp_path / "secret_key").write_text(key)
    with pytest.raises(StartRefused, match="secret_key"):
        Settings.from_env(environ)


def test_a_port_that_is_none_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(StartRefused, match="PORT"):
        Settings.from_env(environ | {"PORT": "http"})


def test_the_key_shows_nowhere(environ: dict[str, str]) -> None:
    assert KEY not in repr(Settings.from_env(environ))
