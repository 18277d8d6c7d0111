"""All that programs may ask for, and the document that tells it: both are made of the same declarations."""

from functools import cache
from typing import Any

from flask import Response, jsonify

from pivision.api import cameras, events, metrics, settings, storage, teaching, trying
from pivision.api.declaring import Api, How, Operation
from pivision.api.document import document
from pivision.api.wire import OPERATIONS
from pivision.web.context import context
from pivision.web.roles import EVERYBODY

_about = Api("api", "/api/v1", "This document")


@_about.on("GET", "/openapi.json", EVERYBODY, How(media="application/json"))
def openapi() -> Response:
    """What there is to ask for, as OpenAPI 3.1."""
    return jsonify(_document(context().version))


APIS = (_about, events.api, cameras.api, settings.api, trying.api, teaching.api, metrics.api, storage.api)


def operations() -> list[Operation]:
    """Everything under /api/v1, the cameras' own part included."""
    return [*(each for api in APIS for each in api.operations), *OPERATIONS]


@cache
def _document(version: str) -> dict[str, Any]:
    return document(operations(), version)
