"""What somebody changed in a release."""

import pytest

from station.hosts.deploying.code import edited, remember
from station.hosts.deploying.words import step


@pytest.fixture
def release(host, made):
    """A release with a file, a link and a folder, remembered as it is."""
    release = made("aaa")
    (release.code / "src").mkdir()
    (release.code / "src" / "app.py").write_text("x = 1\n")
    (release.code / "link").symlink_to("src")
    remember(host, "notes", "aaa")
    return release


def test_a_release_that_nobody_touched_is_not_edited(host, release):
    (release.code / "src" / "__pycache__").mkdir()
    (release.code / "src" / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"x")
    assert not edited(host, release)


def test_changed_missing_and_new_files_are_told_apart(host, release):
    (release.code / "src" / "app.py").write_text("x = 2\n")
    (release.code / "link").unlink()
    (release.code / "new.py").write_text("")
    assert edited(host, release).words == "changed: src/app.py; missing: link; new: new.py"


def test_a_link_in_place_of_a_file_is_a_change_and_is_not_followed(host, release):
    (release.code / "src" / "app.py").unlink()
    (release.code / "src" / "app.py").symlink_to("/etc/shadow")
    assert edited(host, release).changed == ("src/app.py",)


def test_of_a_release_put_there_by_hand_nothing_is_known(host, made):
    assert edited(host, made("bbb")) is None


def test_a_step_that_takes_long_says_that_it_is_at_work():
    told = []
    with step("environment", told.append, long_s=0.01) as said:
        while not told:
            pass
        said.append("21 packages")
    assert told[0].startswith("  environment    at work for 0 s")
    assert told[-1].startswith("  environment    21 packages  (0.")


def test_a_step_that_fails_says_nothing_at_its_end():
    told = []
    with pytest.raises(OSError, match="full"), step("environment", told.append):
        raise OSError("full")
    assert told == []
