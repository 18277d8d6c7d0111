"""The OpenAPI document is whole, and is what the routes do: it is drawn from them."""

import re
import warnings
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from pivision.api import wire
from pivision.api.document import path_of
from pivision.api.shapes import Shapes
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.ingest import forms, meta
from pivision.ingest.api import METHODS
from pivision.testing.live import make_live
from pivision.testing.pictures import picture
from pivision.web.layout import KINDS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # those of what it imports
    from openapi_spec_validator import OpenAPIV31SpecValidator


@pytest.fixture
def document(as_person):
    return as_person(None).get("/api/v1/openapi.json").json


def test_the_document_is_one(document):
    assert document["openapi"] == "3.1.0"
    assert [str(each) for each in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_in_the_document_and_nothing_else(pages, document):
    routes = {
        (path_of(rule.rule), method.lower())
        for rule in pages.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    routes |= {(path, method.lower()) for path, method in METHODS.items()}
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document):
    found = [each for methods in document["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in found]
    assert len(set(names)) == len(names)
    assert all(each["summary"] for each in found)


def test_whom_the_document_names_is_whom_the_routes_let_in(document):
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            if path.startswith("/api/v1/admin/"):
                changes = method != "get" and not path.endswith("/what-if")
                assert ("viewer" not in each["x-roles"]) >= changes, (method, path)
                assert {"token": []} in each["security"]
            else:
                assert {"token": []} not in each["security"]


def test_what_a_camera_may_say_is_what_is_read_of_it():
    shapes = Shapes()
    for kind in (wire.Meta, wire.Heartbeat):
        shapes.of(kind)
    fields = shapes.components["Meta"]["properties"]
    assert {name: wire.header_of(name).lower().encode() for name in fields} == forms._HEADERS
    told = set(shapes.components["Heartbeat"]["properties"])
    assert told == {name.replace("temperature_c", "temp_c") for name in meta._TELEMETRY} | {"device_id", "sent_ts"}


def test_what_cameras_are_answered_is_what_the_document_tells(document, tmp_path):
    live = make_live(tmp_path)
    by = By("test", datetime.now(UTC))
    with live.db() as db:
        registry.add(db, "stand", "", by)
        code = access.make_code(db, "stand", by).reveal()
    with live.running():
        key = live.headers("gate")
        answers = [
            ("post", "/ingest/frame", live.send(picture(1, 64, 48), 1)),
            ("post", "/ingest/frame", live.send(picture(2, 64, 48), 1)),
            ("post", "/ingest/frame", live.send(b"x", 2)),
            ("post", "/ingest/frame", live.send(picture(1, 64, 48), 2, key="wrong")),
            ("post", "/ingest/heartbeat", live.ask("POST", "/api/v1/ingest/heartbeat", {"device_id": "gate"}, key)),
            ("post", "/ingest/heartbeat", live.ask("POST", "/api/v1/ingest/heartbeat", {}, key)),
            ("get", "/device/config", live.ask("GET", "/api/v1/device/config", None, key)),
            ("get", "/device/config", live.ask("GET", "/api/v1/device/config?device_id=shop", None, key)),
            ("post", "/device/enroll", live.ask("POST", "/api/v1/device/enroll", {"device_id": "stand", "code": code})),
            ("post", "/device/enroll", live.ask("POST", "/api/v1/device/enroll", {"device_id": "stand", "code": "x"})),
        ]
        served = live.ask("GET", "/api/v1/openapi.json")
    assert [answer.status for _, _, answer in answers] == [200, 409, 422, 401, 200, 400, 200, 403, 200, 401]
    assert served.status == 200 and served.body["paths"].keys() == document["paths"].keys()
    for method, path, answer in answers:
        response = document["paths"][f"/api/v1{path}"][method]["responses"][str(answer.status)]
        schema = response["content"]["application/json"]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.body)


def test_names_are_those_that_the_operations_ask_for(document):
    for path, methods in document["paths"].items():
        for each in methods.values():
            told = {one["name"] for one in each.get("parameters", ()) if one["in"] == "path"}
            assert told == set(re.findall(r"{(\w+)}", path))


def test_every_kind_of_event_that_is_shown_is_told(document):
    told = document["components"]["schemas"]["Line"]["properties"]["event_type"]["enum"]
    assert set(told) == set(KINDS)
