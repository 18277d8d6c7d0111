"""Cameras for programs: added, enrolled, described, switched, given another key; settings kept, refused, taken back."""

import pytest

from pivision.config import Config
from pivision.devices import access, configs, registry

DEVICES = "/api/v1/admin/devices"
BOX = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.5], [0.1, 0.5]]
GOODS = {"name": "eggs", "kind": "inventory", "points": BOX, "min_area": None}


def test_a_camera_is_added_and_enrolled_with_the_code_that_is_told_once(anna, appliance):
    answer = anna.post(DEVICES, json={"device_id": "stand", "title": "Farm stand"})
    assert answer.status_code == 201 and answer.json["expires_at"] == "2026-11-20T12:15:00.000Z"
    code = answer.json["code"]
    assert access.enroll(appliance.db, "stand", code, appliance.now)
    one = anna.get(f"{DEVICES}/stand")
    assert code not in one.text and one.json["device"]["title"] == "Farm stand" and len(one.json["device"]["keys"]) == 1
    assert [each["device_id"] for each in anna.get(DEVICES).json["devices"]] == ["stand"]
    again = anna.post(DEVICES, json={"device_id": "stand"})
    assert (again.status_code, again.json["code"]) == (409, "device_exists")
    wrong = anna.post(DEVICES, json={"device_id": "../evil"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "bad_name")


def test_a_camera_nobody_knows_is_said_so(anna):
    for address in ("", "/settings", "/regions", "/latest.jpg", "/scores", "/settings/versions"):
        answer = anna.get(f"{DEVICES}/nobody{address}")
        assert (answer.status_code, answer.json["code"]) == (404, "no_such_device"), address


def test_another_key_is_told_once_and_the_old_one_ends_when_it_is_used(anna, appliance):
    appliance.device("stand")
    keys = [anna.post(f"{DEVICES}/stand/key", json=each).json for each in ({}, {"overlap_s": 60})]
    assert keys[1]["old_keys_end_at"] == "2026-11-20T12:01:00.000Z"
    assert all(access.authenticate(appliance.db, each["key"], appliance.now) for each in keys)
    assert not any(each["key"] in anna.get(f"{DEVICES}/stand").text for each in keys)
    appliance.pass_time(seconds=61)
    assert access.authenticate(appliance.db, keys[0]["key"], appliance.now) is None
    assert anna.delete(f"{DEVICES}/stand/keys").json["revoked"] == 2
    assert access.authenticate(appliance.db, keys[1]["key"], appliance.now) is None


def test_what_is_not_said_of_a_camera_stays(anna, appliance):
    appliance.device("stand")
    said = {"title": "Farm stand", "notes": "behind the barn", "enabled": False, "privacy_blur": True, "signs": True}
    assert anna.patch(f"{DEVICES}/stand", json=said).json["device"].items() >= said.items()
    found = anna.patch(f"{DEVICES}/stand", json={"notes": ""}).json["device"]
    assert found.items() >= (said | {"notes": ""}).items()
    assert anna.post(f"{DEVICES}/stand", json={"enabled": True}).json["device"]["enabled"] is True
    actions = [row["action"] for row in appliance.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 6")]
    assert actions == [
        "device enabled", "device described", "signatures required", "privacy blur on", "device disabled",
        "device described",
    ]  # fmt: skip


def test_settings_are_kept_by_name_and_the_others_stay(anna, appliance):
    device = appliance.device("stand")
    assert anna.get(f"{DEVICES}/stand/settings").json["version"] == 0
    kept = anna.put(
        f"{DEVICES}/stand/settings", json={"expected": 0, "settings": {"interaction_threshold": 0.55}, "why": "dusk"}
    ).json
    assert (kept["version"], kept["note"], kept["made_by"]) == (1, "dusk", "anna")
    assert kept["settings"]["interaction_threshold"] == 0.55 and kept["settings"]["capture_interval_ms"] == 30_000
    again = anna.put(f"{DEVICES}/stand/settings", json={"expected": 1, "settings": {"burst_fps": 4}}).json
    assert (again["settings"]["interaction_threshold"], again["settings"]["burst_fps"]) == (0.55, 4)
    same = anna.put(f"{DEVICES}/stand/settings", json={"expected": 2, "settings": {"burst_fps": 4}}).json
    assert same["version"] == 2
    assert configs.in_force(appliance.db, device).config.cadence.burst_fps == 4


@pytest.mark.parametrize(
    "settings",
    [
        {"interaction_threshold": 7},
        {"interaction_threshold": "much"},
        {"burst_fsp": 4},
        {"width": 640.5},
        {"width": True},
    ],
)
def test_settings_that_make_no_sense_are_named_and_nothing_is_kept(anna, appliance, settings):
    device = appliance.device("stand")
    answer = anna.put(f"{DEVICES}/stand/settings", json={"expected": 0, "settings": settings})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_field")
    assert next(iter(settings)) in answer.json["error"]
    assert configs.in_force(appliance.db, device).version == 0


def test_who_saves_second_is_shown_what_is_in_force(anna, appliance):
    appliance.device("stand")
    asked = {"expected": 0, "settings": {"burst_fps": 4}}
    assert anna.put(f"{DEVICES}/stand/settings", json=asked).status_code == 200
    answer = anna.put(f"{DEVICES}/stand/settings", json={"expected": 0, "settings": {"burst_fps": 5}})
    assert (answer.status_code, answer.json["code"]) == (409, "version_conflict")
    assert answer.json["current"]["version"] == 1 and answer.json["current"]["settings"]["burst_fps"] == 4
    answer = anna.put(f"{DEVICES}/stand/regions", json={"expected": 0, "regions": [GOODS]})
    assert answer.status_code == 409 and answer.json["current"]["regions"] == []
    answer = anna.post(f"{DEVICES}/stand/settings/revert", json={"expected": 0, "to": 0})
    assert answer.status_code == 409 and answer.json["current"]["version"] == 1


def test_versions_are_listed_and_taken_back_with_their_regions(anna, appliance):
    device = appliance.device("stand")
    anna.put(f"{DEVICES}/stand/regions", json={"expected": 0, "regions": [GOODS]})
    anna.put(f"{DEVICES}/stand/regions", json={"expected": 1, "regions": []})
    back = anna.post(f"{DEVICES}/stand/settings/revert", json={"expected": 2, "to": 1}).json
    assert (back["version"], back["note"]) == (3, "as version 1")
    assert anna.get(f"{DEVICES}/stand/regions").json == {
        "ok": True, "device_id": "stand", "version": 3, "regions": [GOODS],
    }  # fmt: skip
    found = anna.get(f"{DEVICES}/stand/settings/versions?limit=2").json["versions"]
    assert [each["version"] for each in found] == [3, 2] and found[1]["regions"] == []
    answer = anna.post(f"{DEVICES}/stand/settings/revert", json={"expected": 3, "to": 9})
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_version")
    assert configs.in_force(appliance.db, device).config != Config()


def test_the_newest_picture_is_asked_for_and_not_sent_twice(anna, appliance):
    device = appliance.device("stand")
    answer = anna.get(f"{DEVICES}/stand/latest.jpg")
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_picture")
    appliance.receive(device, [b"\xff\xd8 a picture \xff\xd9"])
    first = anna.get(f"{DEVICES}/stand/latest.jpg")
    assert first.data == b"\xff\xd8 a picture \xff\xd9" and first.headers["X-Received-At"]
    assert anna.get(f"{DEVICES}/stand/latest.jpg", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_camera_that_is_told_to_hurry_and_what_waits_of_it_are_shown(anna, appliance):
    device = appliance.device("stand")
    appliance.receive(device, [b"x"], every_s=2)
    appliance.db.execute("UPDATE device SET burst_until = '2026-11-20T12:00:09.000Z'")
    found = anna.get(f"{DEVICES}/stand").json["device"]
    assert (found["mode"], found["lag_s"], found["served"]["command"]["burst_ms"]) == ("burst", 2.0, 7000)
    assert registry.device(appliance.db, "stand").id == found["id"]
