"""Teach-in: what the newest pictures and a drawn box suggest, with the reason; saved only when asked to."""

import json

import pytest

from pivision.devices import configs
from pivision.testing.pictures import picture


def box(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


GOODS = {"name": "goods", "kind": "inventory", "points": box(0.2, 0.2, 0.8, 0.8)}
ITEM = {"name": "item", "kind": "inventory", "points": box(0.3, 0.3, 0.5, 0.6)}
REACH = {"name": "reach", "kind": "interaction", "points": box(0.1, 0.1, 0.9, 0.9)}
LEAVES = {"name": "leaves", "kind": "ignore", "points": box(0, 0, 0.1, 0.1)}


@pytest.fixture
def quiet(appliance):
    """A camera that sent six pictures in which nobody was; its id."""
    return send(appliance, appliance.device("stand"), "idle", 6)


def send(appliance, device, phase, many):
    for capture in appliance.receive(device, [picture(1, 640, 480)] * many):
        scores = json.dumps({"motion": 0, "phase": phase})
        appliance.db.execute("UPDATE capture SET status = 'processed', scores = ? WHERE id = ?", (scores, capture))
    return device


def teach(client, name, *regions):
    return client.post("/api/v1/admin/devices/stand/teach", json={"regions": list(regions), "box": name})


def test_an_item_in_its_goods_says_how_much_is_a_change_and_why(anna, appliance, quiet):
    answer = teach(anna, "item", GOODS, ITEM, REACH).json
    assert answer["slot"] == "goods" and answer["min_area"] == pytest.approx(0.4 * 0.06 / 0.36, abs=1e-3)
    assert answer["pictures"] == 6 and "6 pictures of 2 s" in answer["why"][0] and "6.7%" in answer["why"][1]
    assert configs.in_force(appliance.db, quiet).version == 0


def test_goods_that_are_one_item_are_their_own_measure(anna, quiet):
    answer = teach(anna, "goods", GOODS, REACH).json
    assert (answer["slot"], answer["min_area"]) == ("goods", 0.4)


def test_where_people_reach_in_says_how_much_is_a_visit(anna, quiet):
    answer = teach(anna, "reach", REACH).json
    assert (answer["slot"], answer["min_area"], answer["interaction_threshold"]) == (None, None, 0.3)


def test_too_few_pictures_ask_for_patience_and_those_of_a_visit_do_not_count(anna, appliance):
    device = send(appliance, appliance.device("stand"), "idle", 2)
    send(appliance, device, "active", 5)
    answer = teach(anna, "reach", REACH)
    assert answer.status_code == 409 and answer.json["retry_after_s"] == 90
    assert "3 pictures with nobody in them are wanted, and 2 are there" in answer.json["error"]


@pytest.mark.parametrize("name", ["leaves", "nothing"])
def test_a_box_that_teaches_nothing_is_refused_in_words(anna, quiet, name):
    answer = teach(anna, name, LEAVES)
    assert answer.status_code == 422 and answer.json["error"].startswith("Not taught:")


def test_only_an_admin_teaches(as_person, quiet):
    assert teach(as_person("guest"), "reach", REACH).status_code == 403
    assert teach(as_person(None), "reach", REACH).status_code in (302, 401)


def test_what_was_taught_is_saved_with_the_regions(anna, appliance, quiet):
    asked = {"expected": 0, "regions": [GOODS | {"min_area": 0.07}], "interaction_threshold": 0.45}
    assert anna.put("/api/v1/admin/devices/stand/regions", json=asked).status_code == 200
    config = configs.in_force(appliance.db, quiet).config
    assert config.regions[0].min_area == 0.07 and config.tuning.interaction_threshold == 0.45
    wrong = asked | {"expected": 1, "interaction_threshold": 7}
    assert anna.put("/api/v1/admin/devices/stand/regions", json=wrong).status_code == 400
