"""Why an event is one, in the words of the page: what the detector wrote down of it. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_HOW: Final = {
    "begun": "it goes on",
    "ended": "it was quiet again",
    "too_long": "it was longer than the longest visit",
    "incomplete": "its end was not seen",
    "kept": "the new view was kept",
}
_TRACE: Final = {
    "interaction_start": "somebody came",
    "difference_without_visit": "two quiet moments differ, nobody was seen between them",
    "post_stable_found": "it was quiet again",
    "delta_exceeded": "more differs than the threshold",
}
_WORDS: Final = {
    "threshold": "Score from which it counts",
    "min_frames": "Pictures in a row needed",
    "peak": "Highest score",
    "last_seen_s": "Last seen",
    "how": "Its end",
    "score": "Score",
    "area": "Share of the region",
    "structure": "Differs in structure by",
    "direction": "The goods",
    "box": "Where: left, top, width, height",
    "pre_frames": "Pictures before",
    "post_frames": "Pictures after",
    "baseline_age_s": "Time between them",
    "stability_count": "Quiet pictures compared",
    "config_version": "Settings, version",
    "edges_kept": "Edges still there",
    "parts_lost": "Parts of the picture lost",
    "detail": "Detail",
    "mean": "Brightness, of 255",
    "moved_x": "Moved across, share of the width",
    "moved_y": "Moved down, share of the width",
    "degrees": "Turned, in degrees",
}


def reasons(details: Mapping[str, Any], clock: Callable[[float], str]) -> list[tuple[str, str]]:
    """Each value with its words, in their order. `clock` writes a moment, given in seconds since 1970."""
    return [(_WORDS.get(name, name.replace("_", " ")), _shown(name, value, clock)) for name, value in details.items()]


def steps(trace: Sequence[str]) -> list[str]:
    """How the detector came to it."""
    return [_TRACE.get(each, each.replace("_", " ")) for each in trace]


def _shown(name: str, value: object, clock: Callable[[float], str]) -> str:
    if name == "how":
        return _HOW.get(str(value), str(value))
    if isinstance(value, float):
        return clock(value) if name == "last_seen_s" else f"{value:.3g} s" if name.endswith("_s") else f"{value:.3g}"
    if isinstance(value, list) and all(isinstance(each, int | float) for each in value):
        return ", ".join(f"{each:.3g}" if isinstance(each, float) else str(each) for each in value)
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
