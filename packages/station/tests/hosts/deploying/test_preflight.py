"""What is looked at before anything is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from station.errors import Refused
from station.hosts.deploying import preflight
from station.hosts.deploying.preflight import check_machine, manifest_differences, the_place
from station.hosts.rendering.place import Place


@pytest.fixture
def place(fleet_of, host):
    fleet = fleet_of()
    return Place(fleet, host, fleet.apps["notes"])


def test_a_clock_that_runs_behind_the_last_release_is_refused(place, made, noon):
    made("aaa", noon)
    check_machine(place, noon - timedelta(minutes=1))
    with pytest.raises(Refused, match="The clock of pi1 is wrong: it is 2026-11-21T11:00:00"):
        check_machine(place, noon - timedelta(hours=1))


def test_a_disk_without_room_is_refused_in_words(place, noon, monkeypatch):
    monkeypatch.setattr(preflight, "SPARE_BYTES", 1 << 60)
    with pytest.raises(Refused, match="There is no room for another release"):
        check_machine(place, noon)


def test_a_manifest_that_the_machine_does_not_follow_yet_is_told_by_its_keys(place, made):
    release = made("aaa")
    text = (place.fleet.path.parent / "notes" / "app.toml").read_text()
    (release.code / "app.toml").write_text(text)
    assert manifest_differences(place, release, "") == []
    (release.code / "app.toml").write_text(text + '\n[deploy]\nimports = ["notes.web"]\n')
    assert manifest_differences(place, release, "") == ["deploy"]


def test_another_apps_manifest_in_the_release_says_nothing(place, made):
    release = made("aaa")
    (release.code / "app.toml").write_text('name = "other"\n')
    assert manifest_differences(place, release, "") == []


def test_a_folder_host_and_a_host_without_the_app_are_refused(fleet_of):
    fleet = fleet_of()
    app, pi1 = fleet.apps["notes"], fleet.hosts["pi1"]
    with pytest.raises(Refused, match="it is a folder, not a machine"):
        the_place(fleet, replace(pi1, address=""), app)
    with pytest.raises(Refused, match="notes does not run on pi9"):
        the_place(fleet, replace(pi1, name="pi9"), app)


def test_code_that_people_change_in_place_is_not_deployed(fleet_of):
    fleet = fleet_of(more='\n[apps.notes.files]\ncode = "/home/ada/notes"\nvenv = "/home/ada/notes/.venv"\n')
    with pytest.raises(Refused, match="its code lies in /home/ada/notes"):
        the_place(fleet, fleet.hosts["pi1"], fleet.apps["notes"])
