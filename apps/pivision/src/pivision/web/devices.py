"""Cameras: added, enrolled, their keys, what each is told, and how each does."""

import json

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.config import to_json
from pivision.devices import access, configs, registry
from pivision.ingest.replies import command, configuration
from pivision.web.context import by, database, now, writing
from pivision.web.roles import ADMIN, SIGNED_IN, only
from station_kit.environment import Secret

blueprint = Blueprint("devices", __name__)

LONGEST_NOTES = 2000
_DEEDS = ("code", "rotate", "revoke", "enable", "disable", "sign", "unsign")


@blueprint.get("/cameras")
@only(SIGNED_IN)
def page() -> str:
    """All of them."""
    return render_template("devices.html", cameras=registry.devices(database()))


@blueprint.post("/cameras")
@only(ADMIN)
def add() -> ResponseReturnValue:
    """A new one, and the code that it is enrolled with."""
    name = request.form.get("name", "").strip()
    with writing() as db:
        registry.add(db, name, request.form.get("title", "")[:80], by())
        code = access.make_code(db, name, by())
    return _page_of(name, shown=code, what="code")


@blueprint.get("/cameras/<name>")
@only(SIGNED_IN)
def one(name: str) -> str:
    """One of them."""
    return _page_of(name)


@blueprint.post("/cameras/<name>")
@only(ADMIN)
def describe(name: str) -> ResponseReturnValue:
    """What people call it, and what they wrote about it."""
    title, notes = request.form.get("title", "")[:80], request.form.get("notes", "").strip()[:LONGEST_NOTES]
    with writing() as db:
        registry.describe(db, name, by(), title=title, notes=notes)
    return redirect(url_for("devices.one", name=name))


@blueprint.post("/cameras/<name>/access")
@only(ADMIN)
def change_access(name: str) -> ResponseReturnValue:
    """A new code or key, shown once; or nobody comes in with the old ones."""
    deed = request.form.get("deed", "")
    shown: Secret | None = None
    with writing() as db:
        if deed == "code":
            shown = access.make_code(db, name, by())
        elif deed == "rotate":
            shown = access.rotate(db, name, by())
        elif deed == "revoke":
            access.revoke(db, name, by())
        elif deed in ("sign", "unsign"):
            registry.require_signatures(db, name, by(), wanted=deed == "sign")
        elif deed in _DEEDS:
            registry.enable(db, name, by(), enabled=deed == "enable")
    if shown is None:
        return redirect(url_for("devices.one", name=name))
    return _page_of(name, shown=shown, what="code" if deed == "code" else "key")


def _page_of(name: str, *, shown: Secret | None = None, what: str = "") -> str:
    """`shown`: a secret that is on this answer alone, and never again."""
    camera = registry.device(database(), name)
    version = configs.in_force(database(), camera.id)
    order = command(version.config, version.version, camera.burst_until, now())
    return render_template(
        "device.html",
        camera=camera,
        keys=access.keys_of(database(), camera.id, now()),
        gaps=registry.gaps(database(), camera.id),
        version=version,
        body=json.dumps(json.loads(to_json(version.config)), indent=2),
        served=json.dumps(configuration(name, version.config, order), indent=2),
        shown=shown.reveal() if shown else None,
        what=what,
    )
