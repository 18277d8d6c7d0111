"""The credentials: where they may come from, who may see them, and that nothing shows them."""

import logging
import traceback
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.errors import StoreError
from station.stores.dropbox.credentials import read_credentials

FILE = """
# the app of the station
export DROPBOX_APP_KEY=key
DROPBOX_APP_SECRET = "secret-value"
DROPBOX_REFRESH_TOKEN='token-value'
NTFY_TOPIC=something else
DROPBOX_DB_PATH=/data/production.db
"""


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    file = tmp_path / "dropbox.env"
    file.touch(mode=0o600)
    file.write_text(FILE)
    return file


def test_an_env_file_is_read_as_the_old_script_had_it(env_file: Path) -> None:
    read = read_credentials(env_file)
    assert (read.app_key, read.app_secret.reveal(), read.refresh_token.reveal()) == (
        "key",
        "secret-value",
        "token-value",
    )
    assert read.database_path == "/data/production.db"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_read_is_refused(env_file: Path, mode: int) -> None:
    env_file.chmod(mode)
    with pytest.raises(StoreError, match="others can read them") as refused:
        read_credentials(env_file)
    assert refused.value.hint.startswith(f"chmod 0600 {env_file}")


def test_a_folder_of_systemd_is_read(tmp_path: Path) -> None:
    for name, value in (("KEY", "key"), ("SECRET", "s"), ("X", "x")):
        (tmp_path / f"DROPBOX_APP_{name}").write_text(f"{value}\n")
        (tmp_path / f"DROPBOX_APP_{name}").chmod(0o440)  # an access list of systemd's shows like this
    with pytest.raises(StoreError, match="DROPBOX_REFRESH_TOKEN missing"):
        read_credentials(tmp_path)
    (tmp_path / "DROPBOX_REFRESH_TOKEN").write_text("t")
    (tmp_path / "DROPBOX_REFRESH_TOKEN").chmod(0o444)
    with pytest.raises(StoreError, match="others can read them"):
        read_credentials(tmp_path)
    (tmp_path / "DROPBOX_REFRESH_TOKEN").chmod(0o400)
    assert read_credentials(tmp_path).refresh_token.reveal() == "t"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DROPBOX_APP_KEY=key", "", "DROPBOX_APP_KEY missing"),
        ("token-value", "", "DROPBOX_REFRESH_TOKEN missing"),
        ("token-value", "token value", "DROPBOX_REFRESH_TOKEN .* cannot be right"),
        ("/data/production.db", "data", "must begin with /"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(env_file: Path, old: str, new: str, said: str) -> None:
    env_file.write_text(FILE.replace(old, new))
    with pytest.raises(StoreError, match=said) as refused:
        read_credentials(env_file)
    assert "token value" not in refused.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"{tmp_path}/none cannot be read: No such file"):
        read_credentials(tmp_path / "none")


def test_nothing_that_is_said_or_logged_holds_a_secret(
    dropbox_store, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = dropbox_store()
    tokens = emulator.tokens
    said = [repr(read_credentials(store._calls._entrance.credentials)), repr(vars(store))]
    troubles = [
        lambda: emulator.faults.add(Fault("files/upload", cut_reply_after=-1, times=9)),
        lambda: emulator.faults.add(Fault("files/upload", answer=400, times=9)),
        lambda: emulator.faults.add(Fault("files/upload", answer=500, times=9)),
        tokens.scopes.clear,
        tokens.revoke,
    ]
    for trouble in troubles:
        emulator.faults.clear()
        trouble()
        with pytest.raises(StoreError) as refused:
            store.put("one", b"1")
        said += traceback.format_exception(refused.value)
        said += [refused.value.hint, repr(refused.value)]
    text = "\n".join([*said, caplog.text])
    assert "oauth2/token" in text or "Refreshing" in text
    for secret in (tokens.app_secret, tokens.refresh_token, "sl.emulator-access"):
        assert secret not in text
