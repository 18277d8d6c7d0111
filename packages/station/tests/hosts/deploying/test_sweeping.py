"""What a run that was cut leaves, and which releases are too many."""

from datetime import timedelta

import pytest

from station.errors import StationError
from station.hosts.deploying.release import code_of, point_to, read, records, releases, venv_of
from station.hosts.deploying.sweeping import begin, beyond, boot_id, remove_old, sweep


@pytest.fixture
def cache(host):
    """The app's cache of packages, with something in it."""
    folder = host.paths.venv("notes") / ".cache"
    folder.mkdir()
    (folder / "wheel").write_text("x")
    return folder


def half(host, release_id):
    begin(host, "notes", release_id)
    code_of(host, "notes", release_id).mkdir()
    venv_of(host, "notes", release_id).mkdir()


def test_what_was_not_finished_is_removed(host, cache):
    half(host, "aaa")
    assert sweep(host, "notes") == ["aaa"]
    assert not code_of(host, "notes", "aaa").exists()
    assert not venv_of(host, "notes", "aaa").exists()
    assert sweep(host, "notes") == []
    assert cache.exists()


def test_after_a_power_cut_the_cache_is_not_believed(host, cache):
    half(host, "aaa")
    (records(host, "notes") / "aaa.making").write_text("another boot")
    sweep(host, "notes")
    assert not cache.exists()


def test_a_release_that_had_become_whole_stays(host, made):
    made("aaa")
    (records(host, "notes") / "aaa.making").write_text(boot_id())
    sweep(host, "notes")
    assert read(host, "notes", "aaa") is not None


def test_what_was_being_removed_is_gone_after_the_next_run(host, made):
    made("aaa")
    (records(host, "notes") / "aaa.json").rename(records(host, "notes") / "aaa.going")
    sweep(host, "notes")
    assert not venv_of(host, "notes", "aaa").exists()
    assert list(records(host, "notes").iterdir()) == []


def test_what_somebody_put_there_by_hand_stays(host):
    code_of(host, "notes", "mine").mkdir()
    sweep(host, "notes")
    assert code_of(host, "notes", "mine").exists()


def test_a_link_in_place_of_a_release_leads_to_no_removal_elsewhere(host, tmp_path):
    (tmp_path / "precious").mkdir()
    begin(host, "notes", "aaa")
    code_of(host, "notes", "aaa").symlink_to(tmp_path / "precious")
    sweep(host, "notes")
    assert not code_of(host, "notes", "aaa").is_symlink()
    assert (tmp_path / "precious").is_dir()


def test_a_folder_of_releases_that_is_a_link_is_not_followed(host, tmp_path):
    (tmp_path / "precious" / "aaa").mkdir(parents=True)
    begin(host, "notes", "aaa")
    (host.paths.code("notes") / "releases").rmdir()
    (host.paths.code("notes") / "releases").symlink_to(tmp_path / "precious")
    with pytest.raises(StationError, match="was not removed"):
        sweep(host, "notes")
    assert (tmp_path / "precious" / "aaa").is_dir()


def test_more_than_are_kept_go_and_what_serves_and_served_before_stay(host, made, noon):
    oldest, *_ = (made(name, noon + timedelta(minutes=n)) for n, name in enumerate(("a", "b", "c", "d")))
    point_to(host, "notes", oldest)
    assert remove_old(host, "notes", keep=2, before="c") == ["d", "b"]
    assert [each.id for each in releases(host, "notes")] == ["c", "a"]


def test_of_those_that_nobody_uses_the_newest_stay(made, noon):
    known = [made(name, noon - timedelta(minutes=n)) for n, name in enumerate(("a", "b", "c", "d"))]
    assert [each.id for each in beyond(known, 3, ["a", "d"])] == ["c"]
    assert beyond(known, 4, ["a", "d"]) == []


def test_a_cache_of_packages_that_nobody_has_any_more_does_not_grow_for_ever(host, made, cache, monkeypatch):
    monkeypatch.setattr("station.hosts.deploying.sweeping.CACHE_BYTES", 1000)
    point_to(host, "notes", made("aaa"))
    remove_old(host, "notes", keep=2, before="")
    assert not cache.exists()
