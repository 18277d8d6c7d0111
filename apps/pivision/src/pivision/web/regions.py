"""Where a camera looks: regions drawn on its newest picture, and the score that they give."""

import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from pivision.config import Config, Tuning, from_json, to_json
from pivision.devices import configs, registry
from pivision.errors import BadConfig
from pivision.web.context import by, database, writing
from pivision.web.roles import ADMIN, SIGNED_IN, only

blueprint = Blueprint("regions", __name__)


@blueprint.get("/cameras/<name>/regions")
@only(SIGNED_IN)
def page(name: str) -> str:
    """The editor."""
    camera = registry.device(database(), name)
    version = configs.in_force(database(), camera.id)
    return render_template(
        "regions.html",
        camera=camera,
        version=version.version,
        regions=json.loads(to_json(version.config))["regions"],
        threshold=version.config.tuning.interaction_threshold,
        stock_threshold=version.config.tuning.inventory_change_threshold,
    )


@blueprint.put("/api/v1/admin/cameras/<name>/regions")
@only(ADMIN)
def put(name: str) -> ResponseReturnValue:
    """Save what was drawn; 409 when somebody else saved meanwhile. The next picture is judged by it."""
    asked = _asked()
    with writing() as db:
        camera = registry.device(db, name)
        before = configs.in_force(db, camera.id).config
        drawn = from_json(json.dumps({"regions": asked.get("regions")}))
        config = Config(before.cadence, _tuning(before.tuning, asked), drawn.regions)
        version = configs.put(db, camera.id, config, by(), expected=int(asked["expected"]), why="regions drawn")
    return jsonify({"ok": True, "version": version})


def _tuning(before: Tuning, asked: dict[str, Any]) -> Tuning:
    """As before, but for the threshold that was taught. BadConfig."""
    if "interaction_threshold" not in asked:
        return before
    tuning = {**asdict(before), "interaction_threshold": asked["interaction_threshold"]}
    return from_json(json.dumps({"tuning": tuning})).tuning


def _asked() -> dict[str, Any]:
    found = request.get_json(silent=True)
    if not isinstance(found, dict) or not isinstance(found.get("expected"), int):
        raise BadConfig("Regions not saved: the request says no `regions` and `expected`")
    return found
