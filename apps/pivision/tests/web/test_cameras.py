"""Cameras are added, drawn in, tuned, and told apart from nobody's."""

import json
import re
from importlib.metadata import version

import cv2
import numpy as np
import pytest

from pivision.api import trying
from pivision.config import Config, Tuning
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from pivision.moments import utc_text

BOX = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.5], [0.1, 0.5]]
GOODS = {"name": "eggs", "kind": "inventory", "points": BOX}


def in_force(appliance, device):
    return configs.in_force(appliance.db, device)


def test_a_camera_that_is_added_shows_its_code_once(anna, appliance):
    page = anna.post("/cameras", data={"name": "stand", "title": "Farm stand"}).text
    code = re.search(r'<code class="large">([^<]+)</code>', page)[1]
    assert code not in anna.get("/cameras/stand").text
    assert access.enroll(appliance.db, "stand", code, appliance.now)
    assert "Farm stand" in anna.get("/cameras").text


def test_a_new_key_is_shown_once_and_is_nowhere_else(anna, appliance):
    device = appliance.device("stand")
    page = anna.post("/cameras/stand/access", data={"deed": "rotate"}).text
    key = re.search(r'<code class="large">([^<]+)</code>', page)[1]
    assert access.authenticate(appliance.db, key, appliance.now).device_id == device
    assert key not in anna.get("/cameras/stand").text + "".join(appliance.db.iterdump())
    anna.post("/cameras/stand/access", data={"deed": "revoke"})
    assert access.authenticate(appliance.db, key, appliance.now) is None


def test_an_admin_has_signatures_required_and_a_viewer_cannot(anna, as_person, appliance):
    appliance.device("stand")
    assert as_person("guest").post("/cameras/stand/access", data={"deed": "sign"}).status_code == 403
    anna.post("/cameras/stand/access", data={"deed": "sign"})
    assert registry.device(appliance.db, "stand").signs
    assert "Take its key" in anna.get("/cameras/stand").text
    anna.post("/cameras/stand/access", data={"deed": "unsign"})
    assert not registry.device(appliance.db, "stand").signs


def test_a_name_that_is_no_name_is_refused_in_words(anna):
    answer = anna.post("/cameras", data={"name": "../evil"})
    assert answer.status_code == 422 and "that is no name" in answer.text


def put(client, regions, expected=0):
    return client.put("/api/v1/admin/devices/stand/regions", json={"expected": expected, "regions": regions})


def test_drawn_regions_are_in_force_at_once_and_leave_the_settings_alone(anna, appliance):
    device = appliance.device("stand")
    tuned = Config(tuning=Tuning(interaction_threshold=0.6))
    configs.put(appliance.db, device, tuned, By("test", appliance.now), expected=0)
    assert put(anna, [GOODS], expected=1).json["version"] == 2
    config = in_force(appliance, device).config
    assert config.regions[0].name == "eggs" and config.tuning.interaction_threshold == 0.6
    assert "eggs" in anna.get("/cameras/stand/regions").text


def test_two_people_who_draw_at_once_do_not_overwrite_each_other(anna, appliance):
    appliance.device("stand")
    assert put(anna, [GOODS]).status_code == 200
    answer = put(anna, [])
    assert answer.status_code == 409 and "version 1 is in force" in answer.json["error"]
    assert answer.json["current"]["regions"] == [GOODS | {"min_area": None}] and answer.json["current"]["version"] == 1


@pytest.mark.parametrize(
    "regions",
    [
        None,
        "x",
        [{}],
        [GOODS, GOODS],
        [GOODS | {"points": [[0, 0], [1, 1]]}],
        [GOODS | {"points": [[2, 0], [1, 1], [0, 1]]}],
    ],
)
def test_regions_that_make_no_sense_are_refused_and_nothing_changes(anna, appliance, regions):
    device = appliance.device("stand")
    answer = put(anna, regions)
    assert answer.status_code in (400, 422) and answer.json["error"]
    assert in_force(appliance, device).version == 0


def test_settings_are_saved_taken_back_and_refused_by_name(anna, appliance):
    device = appliance.device("stand")
    anna.post("/cameras/stand/settings", data={"expected": "0", "interaction_threshold": "0.55", "why": "dusk"})
    assert in_force(appliance, device).config.tuning.interaction_threshold == 0.55
    answer = anna.post("/cameras/stand/settings", data={"expected": "1", "interaction_threshold": "7"})
    assert answer.status_code == 422 and "Visit: score from not taken: 7 is not from" in answer.text
    answer = anna.post("/cameras/stand/settings", data={"expected": "1", "burst_fps": "fast"})
    assert answer.status_code == 422 and "&#39;fast&#39; is no number" in answer.text
    anna.post("/cameras/stand/settings/revert", data={"expected": "1", "to": "0"})
    assert in_force(appliance, device).config == Config()
    assert "dusk" in anna.get("/cameras/stand/settings").text


@pytest.mark.parametrize("wrong", ["nan", "inf", "1e999"])
def test_a_setting_that_is_no_number_to_count_with_is_refused(anna, appliance, wrong):
    device = appliance.device("stand")
    answer = anna.post("/cameras/stand/settings", data={"expected": "0", "interaction_threshold": wrong})
    assert answer.status_code == 422 and "is no number" in answer.text and "Back to the form" in answer.text
    assert in_force(appliance, device).version == 0


def test_a_number_is_shown_as_a_person_writes_it(anna, appliance):
    appliance.device("stand")
    page = anna.get("/cameras/stand/settings").text
    assert 'name="longest_interaction_s" inputmode="decimal" value="600"' in page


@pytest.mark.parametrize("page", ["", "/regions", "/settings"])
def test_every_page_of_a_camera_is_among_the_cameras(anna, appliance, page):
    appliance.device("stand")
    assert '<a href="/cameras" aria-current="page">Cameras</a>' in anna.get(f"/cameras/stand{page}").text


@pytest.mark.parametrize("page", ["", "/regions", "/settings"])
def test_every_page_of_a_camera_names_the_release_at_its_foot(anna, appliance, page):
    appliance.device("stand")
    foot = anna.get(f"/cameras/stand{page}").text.partition('<footer class="foot">')[2]
    assert foot.startswith(f"<span>PiVision {version('pivision')}</span>")


def test_saving_without_a_change_makes_no_version(anna, appliance):
    device = appliance.device("stand")
    anna.post("/cameras/stand/settings", data={"expected": "0"})
    assert in_force(appliance, device).version == 0


@pytest.fixture
def scored(appliance):
    """Five minutes in which motion was measured: a strong visit and a weak one."""
    device = appliance.device("stand")
    motions = [0.05] * 100 + [0.9] * 20 + [0.05] * 100 + [0.32] * 20 + [0.05] * 100
    captures = appliance.receive(device, [b"x"] * len(motions))
    for capture, motion in zip(captures, motions, strict=True):
        scores = json.dumps({"motion": motion, "background": motion, "phase": "idle"})
        appliance.db.execute("UPDATE capture SET status = 'processed', scores = ? WHERE id = ?", (scores, capture))
    return device


def test_the_score_strip_is_the_last_pictures_in_their_order(anna, scored):
    scores = anna.get("/api/v1/admin/devices/stand/scores").json["scores"]
    assert len(scores) == 240 and [each["at"] for each in scores] == sorted(each["at"] for each in scores)
    assert scores[-1]["motion"] == 0.05


def test_what_if_says_which_visits_other_thresholds_would_have_lost(anna, appliance, scored):
    asked = {"settings": {"interaction_threshold": 0.6}, "hours": 1, "by": "scores"}
    found = anna.post("/api/v1/admin/devices/stand/what-if", json=asked).json
    assert (found["before"], found["after"], len(found["lost"]), found["pictures"]) == (2, 1, 1, 340)
    assert in_force(appliance, scored).version == 0
    answer = anna.post("/api/v1/admin/devices/stand/what-if", json={"settings": {"interaction_threshold": "much"}})
    assert answer.status_code == 400


def test_what_if_looks_at_the_pictures_that_are_there_with_other_regions(anna, appliance, monkeypatch):
    """A hand in the upper left corner: seen, unless people are said to reach in elsewhere."""
    device = appliance.device("stand")
    scene = np.full((120, 160), 90, np.uint8)
    scene[::6] = 140
    pictures = []
    for number in range(60):
        shown = scene.copy()
        if 24 <= number < 36:
            shown[5:50, 5 + number % 4 * 8 : 50 + number % 4 * 8] = 230
        pictures.append(cv2.imencode(".jpg", shown)[1].tobytes())
    for capture in appliance.receive(device, pictures):
        values = ("processed", 160, 120, capture)
        appliance.db.execute("UPDATE capture SET status = ?, width = ?, height = ? WHERE id = ?", values)
    place = "/api/v1/admin/devices/stand/what-if"
    corner = [[0.6, 0.6], [1, 0.6], [1, 1], [0.6, 1]]
    regions = [{"name": "reach", "kind": "interaction", "points": corner}]
    found = anna.post(place, json={"regions": regions, "by": "pictures"}).json
    assert (found["pictures"], found["before"] > 0, found["after"]) == (60, True, 0)
    answer = anna.post(place, json={"regions": regions})
    assert answer.status_code == 400 and "pictures" in answer.json["error"]
    monkeypatch.setattr(trying, "MOST_BYTES", sum(map(len, pictures[-20:])))
    assert anna.post(place, json={"by": "pictures"}).json["pictures"] == 20  # the newest, that fit
    with trying._looking:  # as while somebody else asks
        answer = anna.post(place, json={"by": "pictures"})
        assert (answer.status_code, answer.json["code"]) == (409, "busy")
    assert anna.post(place, json={"by": "pictures"}).status_code == 200


@pytest.mark.parametrize("wrong", ["half an hour", "-5", "", "9" * 400])
def test_a_recording_of_no_length_is_refused(anna, appliance, wrong):
    appliance.device("stand")
    assert anna.post("/cameras/stand/recording", data={"minutes": wrong}).status_code == 422
    assert appliance.rows("SELECT * FROM recording") == []


def test_a_recording_ends_by_itself_and_can_be_stopped(anna, appliance):
    appliance.device("stand")
    anna.post("/cameras/stand/recording", data={"minutes": "30"})
    [row] = appliance.rows("SELECT ends_at, keep_until FROM recording")
    assert (
        row["ends_at"] < row["keep_until"] and "Every picture is kept until" in anna.get("/cameras/stand/settings").text
    )
    appliance.pass_time(minutes=10)
    anna.post("/cameras/stand/recording", data={"minutes": "0"})
    [row] = appliance.rows("SELECT ends_at, keep_until FROM recording")
    assert row == {"ends_at": utc_text(appliance.now), "keep_until": utc_text(appliance.now)}
    noted = appliance.rows("SELECT actor, action, key, new FROM audit WHERE action LIKE 'recording%' ORDER BY id")
    assert [tuple(each.values()) for each in noted] == [
        ("anna", "recording begun", "stand", "0.5 h"), ("anna", "recording ended", "stand", "0 h"),
    ]  # fmt: skip


def test_a_camera_that_sent_nothing_says_so(anna, appliance):
    appliance.device("stand")
    page = anna.get("/cameras/stand").text
    assert (
        "No picture yet." in page
        and "<dd>none came yet</dd>" in page
        and "No picture yet." in anna.get("/dashboard").text
    )
