"""Files and links that are exchanged whole: what was there stays until the new one is, and nothing is half made."""

import os

import pytest

from station.durable import durable_write, move_link, partial_of, write_private


def test_what_was_there_stays_until_the_new_text_is_on_the_disk(tmp_path, monkeypatch):
    file = tmp_path / "note"
    file.write_bytes(b"old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(file.read_bytes()))
    durable_write(file, b"new")
    assert seen == [b"old", b"new"]  # the text is synced before it has its name, the folder after
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_run_left_is_no_obstacle_and_is_not_followed(tmp_path):
    (tmp_path / "theirs").write_bytes(b"theirs")
    partial_of(tmp_path / "note").symlink_to(tmp_path / "theirs")
    durable_write(tmp_path / "note", b"ours")
    assert (tmp_path / "note").read_bytes() == b"ours"
    assert (tmp_path / "theirs").read_bytes() == b"theirs"


def test_a_private_file_is_closed_before_it_has_its_text(tmp_path, monkeypatch):
    file = tmp_path / "below" / "secret"
    modes = []
    monkeypatch.setattr(os, "fchmod", lambda handle, mode: modes.append((os.fstat(handle).st_mode & 0o777, mode)))
    write_private(file, "hunter2\n")
    assert modes == [(0o600, 0o600)]
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("hunter2\n", 0o600)


@pytest.mark.parametrize("mode", [0o640, 0o755])
def test_a_mode_that_is_asked_for_does_not_hang_on_the_umask(tmp_path, mode):
    before = os.umask(0o077)
    try:
        durable_write(tmp_path / "file", b"", mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_a_link_that_a_killed_run_left_half_made_is_no_obstacle(tmp_path):
    partial_of(tmp_path / "current").symlink_to("aaa")
    move_link(tmp_path / "current", tmp_path / "bbb")
    assert (tmp_path / "current").readlink() == tmp_path / "bbb"
    assert [path.name for path in tmp_path.iterdir()] == ["current"]
