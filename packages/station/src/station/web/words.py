"""The page's words for times, sizes and verdicts, as filters of its templates."""

from datetime import datetime

from flask import Flask
from markupsafe import Markup, escape

from station.watch.checks import CheckVerdict
from station.watch.readiness import Verdict
from station.watch.storestand import StoreStand, store_trouble
from station.watch.wording import length, short_time, size

TONES = {
    Verdict.READY: "good",
    Verdict.READY_WITH_LOSS: "care",
    Verdict.DEGRADED: "care",
    Verdict.NOT_READY: "bad",
    Verdict.UNKNOWN: "blind",
}
"""How a verdict looks; its word and its icon say the same, so that no colour is needed."""

CHECK_TONES = {
    CheckVerdict.OK: "good",
    CheckVerdict.LOSS: "care",
    CheckVerdict.WARN: "care",
    CheckVerdict.BLOCK: "bad",
    CheckVerdict.UNKNOWN: "blind",
}
CHECK_WORDS = {
    CheckVerdict.OK: "ok",
    CheckVerdict.LOSS: "loss",
    CheckVerdict.WARN: "care",
    CheckVerdict.BLOCK: "blocks",
    CheckVerdict.UNKNOWN: "unknown",
}


def ago(moment: datetime | None, now: datetime) -> str:
    """`4 s ago`, or `never`."""
    return "never" if moment is None else f"{length((now - moment).total_seconds())} ago"


def at(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else short_time(moment, now)


def code(text: str) -> Markup:
    """The text with what stands between backticks set as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def store_tone(stand: StoreStand) -> str:
    if stand.well:
        return "good"
    return "bad" if stand.error else "care" if stand.known else "blind"


def store_word(stand: StoreStand) -> str:
    if stand.well:
        return "awaited" if stand.awaited else "fresh" if stand.fresh else "catching up"
    if stand.error:
        return "failing"
    return "behind" if stand.taken_at else "empty" if stand.known else "not known"


def store_title(stand: StoreStand, now: datetime) -> str:
    """What is wrong with the store, for a pointer that rests on it; empty when nothing is."""
    return store_trouble(stand, now) if stand.awaited or not stand.well else ""


def add_filters(app: Flask) -> None:
    app.jinja_env.filters.update(
        ago=ago,
        at=at,
        code=code,
        lasting=length,
        size=size,
        tone=lambda verdict: TONES[verdict],
        check_tone=lambda verdict: CHECK_TONES[verdict],
        check_word=lambda verdict: CHECK_WORDS[verdict],
        store_title=store_title,
        store_tone=store_tone,
        store_word=store_word,
        unit_tone=_unit_tone,
    )


def _unit_tone(unit: object) -> str:
    state, healthy = getattr(unit, "state", ""), getattr(unit, "healthy", None)
    if state == "failed" or healthy is False:
        return "bad"
    return "good" if state == "running" else "care"
