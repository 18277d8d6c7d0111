"""What counts as a release, and how the links move."""

import shutil
from datetime import timedelta

import pytest

from station.errors import StationError
from station.hosts.deploying.release import (
    code_of,
    current,
    forget,
    point_to,
    read,
    releases,
    told_of,
    venv_of,
)


def test_the_newest_release_comes_first_and_every_word_of_it_is_kept(host, made, noon):
    old = made("aaa")
    new = made("bbb", noon + timedelta(minutes=1), files=7)
    assert releases(host, "notes") == [new, old]
    assert told_of(host, "notes", "bbb")["files"] == 7


@pytest.mark.parametrize("where", [code_of, venv_of])
def test_a_release_without_its_code_or_environment_is_none(host, made, where):
    made("aaa")
    shutil.rmtree(where(host, "notes", "aaa"))
    assert releases(host, "notes") == []


def test_what_was_cut_before_its_record_is_no_release(host, made):
    made("aaa")
    forget(host, "notes", "aaa")
    assert read(host, "notes", "aaa") is None


def test_a_record_that_cannot_be_read_is_no_release(host, made):
    made("aaa")
    (host.paths.state("notes") / "releases" / "aaa.json").write_text('{"commit": ', encoding="utf-8")
    assert releases(host, "notes") == []


def test_nothing_is_current_before_the_first_deploy(host):
    assert current(host, "notes") is None


def test_both_links_name_the_current_release(host, made):
    old, new = made("aaa"), made("bbb")
    point_to(host, "notes", old)
    point_to(host, "notes", new)
    assert current(host, "notes") == new
    assert (host.paths.code("notes") / "current").resolve() == new.code
    assert (host.paths.venv("notes") / "current").resolve() == new.venv


def test_links_that_name_two_releases_are_told_with_what_to_do(host, made):
    point_to(host, "notes", made("aaa"))
    made("bbb")
    (host.paths.venv("notes") / "current").unlink()
    (host.paths.venv("notes") / "current").symlink_to("bbb")
    with pytest.raises(StationError, match="no one current release") as told:
        current(host, "notes")
    assert f"ln -sfn aaa {host.paths.venv('notes') / 'current'}" in told.value.hint


def test_a_release_that_somebody_put_there_by_hand_is_current_too(host, made):
    release = made("aaa")
    forget(host, "notes", "aaa")
    point_to(host, "notes", release)
    found = current(host, "notes")
    assert found is not None and found.code == release.code and found.source == "put there by hand"


def test_a_link_that_leads_out_of_the_releases_names_none(host, made):
    point_to(host, "notes", made("aaa"))
    for folder in (host.paths.code("notes"), host.paths.venv("notes")):
        (folder / "current").unlink()
        (folder / "current").symlink_to("..")
    assert current(host, "notes") is None
