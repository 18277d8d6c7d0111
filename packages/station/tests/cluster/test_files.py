"""Small shared files: whole or not at all, nothing left behind, and told even when the disk takes no new file."""

import os
import subprocess

import pytest

from station.cluster.files import read_json, write_json


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "status.json"
    write_json(file, {"room": "plenty of it, as long as this text is"}, durable=True)
    return file


@pytest.fixture
def full(file):
    """No new file can be made: where it would be written is a folder."""
    file.with_name(f".{file.name}.{os.getpid()}").mkdir()


@pytest.mark.usefixtures("full")
def test_what_need_not_be_durable_is_told_on_a_full_disk(file):
    write_json(file, {"room": "none"}, durable=False)
    assert read_json(file) == {"room": "none"}


@pytest.mark.usefixtures("full")
def test_what_must_be_durable_is_refused_and_the_old_text_stays(file):
    with pytest.raises(OSError, match="directory"):
        write_json(file, {"room": "none"}, durable=True)
    assert read_json(file) == {"room": "plenty of it, as long as this text is"}


def test_a_write_that_fails_leaves_nothing_beside_the_file(file, tmp_path):
    with pytest.raises(TypeError):
        write_json(file, {"not": object()}, durable=True)
    assert list(tmp_path.iterdir()) == [file]


def test_what_killed_processes_left_beside_it_goes_and_what_others_are_writing_stays(tmp_path):
    file = tmp_path / "status.json"
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = tmp_path / f".status.json.{ended.pid}"
    others = [tmp_path / f".status.json.{os.getppid()}", tmp_path / ".status.json.old", tmp_path / ".other.json.1"]
    for each in (left, *others):
        each.write_text("half")
    write_json(file, {}, durable=False)
    assert set(tmp_path.iterdir()) == {file, *others}
