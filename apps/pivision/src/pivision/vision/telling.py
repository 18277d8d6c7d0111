"""Findings in words: what the detector concluded, why, and from which frames. Pure."""

from typing import Any

from pivision.config import Tuning
from pivision.vision.findings import Finding, Kind, Moment
from pivision.vision.health import Look, Watch
from pivision.vision.machine import Turn, Visit
from pivision.vision.memory import Memory
from pivision.vision.stock import Change

_CAMERA = {
    "dark": (Kind.DARK, "It is too dark to see anything", "There is light again"),
    "covered": (Kind.OBSTRUCTED, "The camera is covered", "The camera sees again"),
    "shifted": (Kind.SHIFTED, "The camera looks elsewhere than before", "The camera looks where it did"),
}
_KEPT = "The camera keeps its new view: goods are watched there from now on, look at the regions"
_ENDINGS = {
    Turn.ENDED: "",
    Turn.TOO_LONG: ", ended for its length",
    Turn.INCOMPLETE: ", its end not seen",
}


def of_visit(memory: Memory, before: Visit, turn: Turn, tuning: Tuning) -> list[Finding]:
    """The beginning or the end of a visit, if this frame brought one."""
    if turn is Turn.NOTHING:
        return []
    visit = memory.visit if turn is Turn.BEGUN else before
    lasted = visit.last_s - visit.started_s
    summary = "Somebody is at the stand" if turn is Turn.BEGUN else f"Visit of {lasted:.0f} s{_ENDINGS[turn]}"
    return [
        Finding(
            Kind.INTERACTION,
            Moment.BEGUN if turn is Turn.BEGUN else Moment.ENDED,
            started_frame=visit.started_frame,
            started_s=visit.started_s,
            at_s=memory.last_s,
            confidence=_confidence(visit.peak, tuning.interaction_threshold),
            pre=memory.pre[-1].frame if memory.pre else None,
            during=visit.peak_frame,
            summary=summary,
            details={
                "threshold": tuning.interaction_threshold,
                "min_frames": tuning.interaction_min_frames,
                "peak": round(visit.peak, 3),
                "last_seen_s": round(visit.last_s, 3),
                "how": turn.value,
            },
        )
    ]


def of_stock(memory: Memory, changes: tuple[Change, ...], tuning: Tuning) -> list[Finding]:
    """One finding for each slot whose goods differ by more than the threshold."""
    found = []
    for change in changes:
        if change.score < tuning.inventory_change_threshold:
            continue
        where = f" in {change.slot}" if change.slot else ""
        found.append(
            Finding(
                Kind.STOCK_CHANGED,
                Moment.ENDED,
                started_frame=memory.visit_frame if memory.visited else memory.post[0].frame,
                started_s=memory.visit_s if memory.visited else memory.post[0].at_s,
                at_s=memory.last_s,
                confidence=_confidence(change.score, tuning.inventory_change_threshold),
                slot=change.slot,
                pre=memory.pre[-1].frame,
                during=memory.peak_frame if memory.visited else None,
                post=memory.post[0].frame,
                observed_interaction=memory.visited,
                summary=f"Goods {change.direction}{where}",
                details=_why(memory, change, tuning),
            )
        )
    return found


def of_camera(what: str, watch: Watch, turn: str, memory: Memory, look: Look) -> list[Finding]:
    """The beginning or the end of trouble with the camera, if this frame brought one."""
    if not turn:
        return []
    kind, begun, ended = _CAMERA[what]
    return [
        Finding(
            kind,
            Moment.BEGUN if turn == "begun" else Moment.ENDED,
            started_frame=watch.frame or memory.last_frame,
            started_s=watch.since_s if watch.since_s >= 0 else memory.last_s,
            at_s=memory.last_s,
            confidence=round(max(0.5, min(1.0, 1 - look.kept * 0.5)), 3),
            pre=memory.pre[-1].frame if memory.pre else None,
            post=memory.last_frame,
            summary=_KEPT if turn == "kept" else begun if turn == "begun" else ended,
            details={
                **(_moved(memory) if what == "shifted" else {}),
                "how": turn,
                "edges_kept": round(look.kept, 3),
                "parts_lost": round(look.lost, 3),
                "detail": round(look.detail, 3),
                "mean": round(look.mean, 1),
            },
        )
    ]


def _moved(memory: Memory) -> dict[str, float]:
    """How far the view lies aside, in shares of its width, and by how many degrees."""
    return {
        "moved_x": round(memory.shifted_x, 4),
        "moved_y": round(memory.shifted_y, 4),
        "degrees": round(memory.shifted_degrees, 1),
    }


def _why(memory: Memory, change: Change, tuning: Tuning) -> dict[str, Any]:
    return {
        "threshold": tuning.inventory_change_threshold,
        "score": round(change.score, 3),
        "area": round(change.area, 4),
        "structure": round(change.structure, 3),
        "direction": change.direction,
        "box": [round(each, 4) for each in change.box],
        "pre_frames": [each.frame for each in memory.pre],
        "post_frames": [each.frame for each in memory.post],
        "baseline_age_s": round(memory.last_s - memory.pre[-1].at_s, 3),
        "stability_count": len(memory.post),
        "trace": ["interaction_start", "post_stable_found", "delta_exceeded"]
        if memory.visited
        else ["difference_without_visit", "post_stable_found", "delta_exceeded"],
    }


def _confidence(score: float, threshold: float) -> float:
    """0.5 at the threshold, 1 far above it."""
    return round(min(1.0, max(0.0, 0.5 + 0.5 * (score - threshold) / max(1e-6, 1 - threshold))), 3)
