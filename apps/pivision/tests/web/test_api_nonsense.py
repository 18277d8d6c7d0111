"""Whatever is sent is refused in words: no request of a program ends in an error of ours."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pivision.api.routes import operations
from pivision.api.shapes import Shapes

QUICK = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ASKED = [each for each in operations() if each.address.startswith("/api/v1/admin/")]
WITH_BODY = [each for each in ASKED if each.bodies]
WITH_QUESTION = [each for each in ASKED if each.asks and each.name != "api_storage_take"]
NAMES = ["points", "name", "kind", "min_area", "capture_interval_ms", "interaction_threshold", "width"]

plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([0, 1, 2**63, -(2**70), 10**40]), st.floats(),
    st.text(st.characters(exclude_categories=()), max_size=12), st.sampled_from(["stand", "inventory", "new", "eggs"]),
)  # fmt: skip
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner),
    max_leaves=12,
)


def fields(kind):
    """The names of a body's or a question's fields."""
    shapes = Shapes()
    return list(shapes.components[shapes.of(kind)["$ref"].rpartition("/")[2]]["properties"])


def address(operation):
    return re.sub(r"<int:\w+>", "1", operation.address).replace("<name>", "stand").replace("<role>", "pre")


@pytest.fixture
def stand(appliance, happen):
    happen(device=appliance.device("stand"))


@QUICK
@given(data=st.data())
def test_no_body_is_too_strange(anna, stand, data):
    operation = data.draw(st.sampled_from(WITH_BODY))
    names = fields(operation.bodies["application/json"])
    body = data.draw(st.dictionaries(st.sampled_from(names), anything) | anything)
    answer = anna.open(address(operation), method=operation.method, json=body)
    assert answer.status_code < 500, answer.text
    assert answer.json["ok"] is (answer.status_code < 400)


@QUICK
@given(data=st.data())
def test_no_question_is_too_strange(anna, stand, data):
    operation = data.draw(st.sampled_from(WITH_QUESTION))
    asked = data.draw(st.dictionaries(st.sampled_from(fields(operation.asks)), st.text(max_size=20) | st.integers()))
    assert anna.get(address(operation), query_string=asked).status_code in (200, 400)


def test_a_number_that_no_event_can_have_is_none(anna):
    for number in (0, 2**63, 10**30):
        for place in (
            f"/api/v1/admin/events/{number}",
            f"/api/v1/admin/events/{number}/pictures/pre",
            f"/events/{number}",
        ):
            assert anna.get(place).status_code == 404, place


def test_what_is_no_json_or_too_much_is_refused_by_its_code(anna, stand):
    place = "/api/v1/admin/events/1"
    for body, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b'{"note":"x"}', "text/plain")):
        answer = anna.patch(place, data=body, content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_json")
    answer = anna.patch(place, data=b" " * 300_000, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")
    assert anna.put(place).json["code"] == "method_not_allowed"
    assert anna.get("/api/v1/admin/nothing").json["code"] == "not_found"


@pytest.mark.parametrize("depth", [900, 985, 5_000, 100_000])
def test_what_is_nested_too_deeply_is_refused_in_words(anna, stand, depth):
    for place, name in (
        ("devices/stand/what-if", "regions"),
        ("devices/stand/regions", "regions"),
        ("events/1", "note"),
    ):
        body = f'{{"expected":0,"{name}":{"[" * depth}{"]" * depth}}}'
        method = "PUT" if place.endswith("regions") else "POST"
        answer = anna.open(f"/api/v1/admin/{place}", method=method, data=body, content_type="application/json")
        assert answer.status_code == 400 and answer.json["code"] in ("bad_json", "bad_field"), answer.text


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 4000, "1e999", "-Infinity", "NaN"])
def test_no_number_is_too_large_to_be_refused(anna, stand, number):
    body = '{"expected":0,"regions":[{"name":"a","kind":"ignore","points":[[0,0],[0,1],[%s,1]],"min_area":%s}]}'
    for values in ((number, "null"), ("1", number)):
        answer = anna.put("/api/v1/admin/devices/stand/regions", data=body % values, content_type="application/json")
        assert answer.status_code in (400, 422) and len(answer.text) < 300
