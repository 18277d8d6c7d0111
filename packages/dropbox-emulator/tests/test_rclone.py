"""Debian's rclone, unmodified, works with the emulator: a client that is not ours and knows the real service."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator

Run = Callable[..., str]


@pytest.fixture
def rclone(emulator: Emulator, tmp_path: Path) -> Run:
    program = shutil.which("rclone")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no rclone")
        pytest.skip("no rclone here (apt install rclone)")
    tokens = emulator.tokens
    token = {"access_token": tokens.issue(), "token_type": "bearer", "refresh_token": tokens.refresh_token}
    config = tmp_path / "rclone.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"[dbx]\ntype = dropbox\nclient_id = {tokens.app_key}\nclient_secret = {tokens.app_secret}\n"
        f"token = {json.dumps(token | {'expiry': '2099-01-01T00:00:00Z'})}\n"
    )

    def run(*arguments: str) -> str:
        common = ["--config", str(config), "--ca-cert", str(emulator.ca_file), "--retries", "1"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HTTPS_PROXY": emulator.proxy}
        done = subprocess.run(
            [program, *common, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sub").mkdir(parents=True)
    (folder / "large").write_bytes(random.Random(5).randbytes(9_000_000))
    (folder / "small.txt").write_text("small\n")
    (folder / "sub" / "Ümlaut").write_text("x")
    return folder


@pytest.mark.parametrize("batch", ["sync", "async", "off"])
def test_rclone_uploads_checks_lists_and_downloads(
    rclone: Run, source: Path, tmp_path: Path, emulator: Emulator, batch: str
) -> None:
    rclone("copy", str(source), "dbx:there", "--dropbox-chunk-size", "4M", "--dropbox-batch-mode", batch)
    rclone("check", str(source), "dbx:there")
    assert sorted(rclone("lsf", "-R", "dbx:").split()) == [
        "there/",
        "there/large",
        "there/small.txt",
        "there/sub/",
        "there/sub/Ümlaut",
    ]
    rclone("copy", "dbx:there", str(tmp_path / "back"))
    assert (tmp_path / "back" / "large").read_bytes() == (source / "large").read_bytes()
    assert rclone("cat", "--offset", "2", "--count", "3", "dbx:there/small.txt") == "all"
    assert {line.status for line in emulator.ledger.lines("files/upload_session")} == {200}


def test_rclone_moves_copies_deletes_and_asks_about_space(rclone: Run, source: Path) -> None:
    rclone("copy", str(source), "dbx:there")
    rclone("moveto", "dbx:there/small.txt", "dbx:there/moved.txt")
    rclone("copyto", "dbx:there/large", "dbx:there/copy")
    rclone("purge", "dbx:there/sub")
    assert sorted(rclone("lsf", "dbx:there").split()) == ["copy", "large", "moved.txt"]
    assert json.loads(rclone("about", "--json", "dbx:"))["used"] == 2 * 9_000_000 + 6


def test_an_expired_token_is_renewed_by_rclone(rclone: Run, source: Path, emulator: Emulator, tmp_path: Path) -> None:
    config = tmp_path / "rclone.conf"
    config.write_text(config.read_text().replace("2099-01-01", "2020-01-01"))
    rclone("copy", str(source / "small.txt"), "dbx:there")
    assert emulator.ledger.lines("oauth2/token") and rclone("cat", "dbx:there/small.txt") == "small\n"
