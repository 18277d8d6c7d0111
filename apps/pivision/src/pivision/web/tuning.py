"""A camera's settings: how often it sends, what counts as an event, what other settings would have found."""

import json
import re
from dataclasses import asdict, fields, replace
from datetime import timedelta
from math import isfinite

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.config import Cadence, Config, RegionKind, Tuning, from_json
from pivision.devices import configs, registry
from pivision.devices.audit import note
from pivision.errors import BadConfig
from pivision.moments import utc_text
from pivision.web.context import by, database, now, writing
from pivision.web.roles import ADMIN, SIGNED_IN, only
from pivision.web.statements import SQL
from station_kit.sqlitefile import transaction

blueprint = Blueprint("tuning", __name__)

LONGEST_RECORDING_H = 24.0
_MOST_DIGITS = 18  # a longer one is none of SQLite's

WORDS = {
    "capture_interval_ms": ("A picture every", "ms, while nothing happens"),
    "burst_fps": ("In a burst", "pictures a second"),
    "burst_duration_ms": ("A burst lasts", "ms after the last movement"),
    "burst_cooldown_ms": ("Rest between bursts", "ms; never ends a visit"),
    "config_poll_interval_ms": ("The camera asks for news every", "ms"),
    "jpeg_quality": ("JPEG quality", "1 to 100"),
    "width": ("Width", "pixels"),
    "height": ("Height", "pixels"),
    "interaction_threshold": ("Visit: score from", "0 to 1; lower notices more"),
    "interaction_min_frames": ("Visit: pictures in a row", "or one, where they come every 5 s or less often"),
    "interaction_end_timeout_s": ("Visit: over after", "s of quiet"),
    "inventory_change_threshold": ("Stock: score from", "0 to 1; lower notices more"),
    "stability_frames_required": ("Quiet pictures before comparing", ""),
    "baseline_update_rate": ("The background learns", "share of each quiet picture"),
    "longest_interaction_s": ("Longest visit", "s, then it begins anew"),
    "obstruction_after_s": ("Covered: told after", "s"),
    "shift_after_s": ("Moved: told after", "s"),
}


@blueprint.get("/cameras/<name>/settings")
@only(SIGNED_IN)
def page(name: str) -> str:
    """The settings in force, their history, and the score strip."""
    camera = registry.device(database(), name)
    version = configs.in_force(database(), camera.id)
    recording = database().execute(SQL["newest_recording"], {"device_id": camera.id}).fetchone()
    return render_template(
        "tuning.html",
        camera=camera,
        version=version,
        values=asdict(version.config.cadence) | asdict(version.config.tuning),
        parts={"How it sends": _names(Cadence), "What is an event": _names(Tuning)},
        words=WORDS,
        history=configs.history(database(), camera.id, 20),
        recording=recording,
        goods=any(each.kind is RegionKind.INVENTORY for each in version.config.regions),
        recording_now=bool(recording and recording["ends_at"] > utc_text(now())),
    )


@blueprint.post("/cameras/<name>/settings")
@only(ADMIN)
def save(name: str) -> ResponseReturnValue:
    """In force from the next picture on. A value that makes no sense is named, and nothing is saved."""
    expected = _whole("expected")
    with writing() as db:
        camera = registry.device(db, name)
        before = configs.in_force(db, camera.id).config
        config = replace(_proposed(request.form.to_dict()), regions=before.regions)
        if config != before:
            configs.put(db, camera.id, config, by(), expected=expected, why=request.form.get("why", "")[:200])
    return redirect(url_for("tuning.page", name=name))


@blueprint.post("/cameras/<name>/settings/revert")
@only(ADMIN)
def revert(name: str) -> ResponseReturnValue:
    """What an earlier version said, as a new one."""
    with writing() as db:
        camera = registry.device(db, name)
        configs.revert(db, camera.id, _whole("to"), by(), expected=_whole("expected"))
    return redirect(url_for("tuning.page", name=name))


@blueprint.post("/cameras/<name>/recording")
@only(ADMIN)
def record(name: str) -> ResponseReturnValue:
    """Keep every picture for a while, to tune by; it ends by itself, and so do the pictures. Nothing is kept else."""
    hours = min(LONGEST_RECORDING_H, _whole("minutes") / 60)
    ends = now() + timedelta(hours=hours)
    with writing() as db, transaction(db):
        camera = registry.device(db, name)
        db.execute(
            "UPDATE recording SET ends_at = min(ends_at, ?1), keep_until = ?1 WHERE device_id = ?2 AND keep_until > ?1",
            (utc_text(now()), camera.id),
        )
        if hours > 0:
            keep_until = utc_text(ends + timedelta(days=1))
            values = (camera.id, utc_text(now()), utc_text(ends), keep_until, by().who)
            db.execute(
                "INSERT INTO recording (device_id, started_at, ends_at, keep_until, made_by) VALUES (?, ?, ?, ?, ?)",
                values,
            )
        note(db, by(), "recording begun" if hours > 0 else "recording ended", name, new=f"{hours:g} h")
    return redirect(url_for("tuning.page", name=name))


def _proposed(form: dict[str, str]) -> Config:
    """From the fields of the form. BadConfig names the one that makes no sense."""
    parts: dict[str, dict[str, float]] = {"cadence": {}, "tuning": {}}
    for part, names in (("cadence", _names(Cadence)), ("tuning", _names(Tuning))):
        for name in names:
            if form.get(name, "").strip():
                parts[part][name] = _number(name, form[name])
    try:
        return from_json(json.dumps(parts))
    except BadConfig as why:  # it names fields as programs do
        words = re.sub(r"\b(?:cadence|tuning)\.(\w+)", lambda found: WORDS[found[1]][0], why.message)
        raise BadConfig(words, why.hint) from why


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError as why:
        raise BadConfig(f"{WORDS[name][0]} not taken: {text!r} is no number") from why
    if not isfinite(number):
        raise BadConfig(f"{WORDS[name][0]} not taken: {text!r} is no number")
    return int(number) if number == int(number) else number


def _whole(name: str) -> int:
    text = request.form.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise BadConfig(f"Not saved: the form says no {name}")
    return int(text)


def _names(part: type[Cadence] | type[Tuning]) -> list[str]:
    return [each.name for each in fields(part)]
