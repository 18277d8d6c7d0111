"""Where a camera looks: regions drawn on its newest picture, and the score that they give."""

import json

from flask import Blueprint, render_template

from pivision.config import to_json
from pivision.devices import configs, registry
from pivision.web.context import database
from pivision.web.roles import SIGNED_IN, only

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
