"""Turns figures.json of `run.py` into the tables of bench/README.md, with the goals and whether they were met.

report.py FIGURES...     of several, the last one that has a step counts
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

OURS = "control station"
MOST_MB = 150.0
HEADINGS = {
    "first": "first copy",
    "heavy day": "heavy day, one copy after it",
    "heavy day in 96": "heavy day, 96 copies",
    "typical day": "typical day, one copy after it",
    "typical day in 1": "typical day, one copy by a process that runs all day",
    "restore": "restore, after the heavy day",
    "restore 96": "restore, after 96 copies",
    "check": "check of all that is stored",
    "check 96": "check, after 96 copies",
    "mirror first": "mirror: the first copy",
    "mirror": "mirror: the heavy day",
    "mirror 96": "mirror: 96 points",
}


class Figures:
    """What was measured, by tool and step."""

    def __init__(self, files: Sequence[dict[str, Any]]) -> None:
        self.steps: dict[tuple[str, str], dict[str, Any]] = {
            (one["tool"], one["step"]): one for read in files for one in read["steps"]
        }
        dripped = {(one["tool"], one["kind"]): one for read in files for one in read["trickles"]}
        self.trickles: list[dict[str, Any]] = sorted(dripped.values(), key=lambda one: str(one["kind"]))
        self.parts: list[dict[str, float]] = [read["parts"] for read in files if read["parts"]][-1]

    def stored_mb(self, tool: str, step: str) -> float:
        return float(self.steps[tool, step]["stored_mb"])

    def cost(self, tool: str, step: str, what: str) -> float:
        return float(self.steps[tool, step]["cost"][what])

    def trickle(self, tool: str, kind: str, what: str) -> float:
        return next(float(one[what]) for one in self.trickles if one["tool"] == tool and one["kind"] == kind)


def tables(figures: Figures) -> str:
    lines = []
    for step, heading in HEADINGS.items():
        lines += ["", f"| {heading} | stored | CPU | wall | peak memory |", "|---|---|---|---|---|"]
        for tool, its in figures.steps:
            if its == step:
                found = figures.steps[tool, its]
                stored, cost = found["stored_mb"], found["cost"]
                shown = "" if stored is None else megabytes(stored)
                spent = f"{cost['cpu_s']:.1f} s | {cost['wall_s']:.1f} s | {cost['peak_mb']:.0f} MB"
                lines.append(f"| {f'**{tool}**' if tool == OURS else tool} | {shown} | {spent} |")
        if lines[-1].startswith("|---"):
            del lines[-3:]
    return "\n".join(lines[1:])


def trickle_table(figures: Figures) -> str:
    lines = [
        "| 50 commits a second | CPU of a core | newest state: median | p99 | worst | stored an hour | peak memory |"
        " a commit's p99 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in figures.trickles:
        commit = f"{one['commits']['p99_ms']:.2f} ms |"
        if "cpu_percent" not in one:
            lines.append(f"| {one['kind']}: {one['tool']} | | | | | | | {commit}")
            continue
        ages = " | ".join(f"{one[f'age_{which}_s']:.1f} s" for which in ("median", "p99", "worst"))
        kept = f"{megabytes(one['mb_an_hour'])} | {one['peak_mb']:.0f} MB"
        lines.append(f"| {one['kind']}: {one['tool']} | {one['cpu_percent']:.1f} % | {ages} | {kept} | {commit}")
    return "\n".join(lines)


def goals(figures: Figures) -> str:
    """Each goal, what was measured, and whether it was met."""
    rows: list[tuple[str, float, float, str]] = []
    for step in ("heavy day", "heavy day in 96"):
        rows.append((f"{step}: stored", figures.stored_mb(OURS, step), 10, "MB"))
        for tool, share in (("restic", 40), ("litestream 0.3", 12), ("litestream 0.5", 12), ("rclone", 130)):
            if (tool, step) in figures.steps:
                ratio = figures.stored_mb(tool, step) / figures.stored_mb(OURS, step)
                rows.append((f"{step}: {tool} stores so many times ours", -ratio, -share, ""))
    rows.append(("typical day: stored", figures.stored_mb(OURS, "typical day"), 3, "MB"))
    for step in ("heavy day", "heavy day in 96", "typical day", "typical day in 1"):
        ratio = figures.cost(OURS, step, "cpu_s") / figures.cost("restic", step.partition(" in ")[0], "cpu_s")
        rows.append((f"{step}: CPU, against one run of restic", ratio, 0.2, ""))
    for step in ("restore", "restore 96"):
        restic = figures.cost(OURS, step, "wall_s") / figures.cost("restic", "restore", "wall_s")
        litestream = figures.cost(OURS, step, "wall_s") / figures.cost("litestream 0.5", step, "wall_s")
        rows += [
            (f"{step}: wall, against restic's", restic, 1.5, ""),
            (f"{step}: wall, against Litestream 0.5's", litestream, 1 / 3, ""),
        ]
    for kind in ("recent", "scattered"):
        rows += [
            (f"trickle, {kind}: age of the newest point, p99", figures.trickle(OURS, kind, "age_p99_s"), 4, "s"),
            (f"trickle, {kind}: CPU of a core", figures.trickle(OURS, kind, "cpu_percent"), 10, "%"),
        ]
    peaks = [found["cost"]["peak_mb"] for (tool, _), found in figures.steps.items() if tool == OURS]
    peaks += [one["peak_mb"] for one in figures.trickles if one["tool"] == OURS]
    rows.append(("peak memory of all steps", max(peaks), MOST_MB, "MB"))
    lines = ["| goal | wanted | measured | |", "|---|---|---|---|"]
    for name, found, wanted, unit in rows:
        sign = "at least" if wanted < 0 else "at most"
        met = "met" if found <= wanted else "**missed**"
        lines.append(f"| {name} | {sign} {abs(wanted):.3g} {unit} | {abs(found):.3g} {unit} | {met} |")
    return "\n".join(lines)


def parts_line(figures: Figures) -> str:
    sizes = sorted(part["bytes"] for part in figures.parts)
    spent = sorted(part["cpu_s"] for part in figures.parts)
    middle = len(sizes) // 2
    return (
        f"Of the 96 points the median has {sizes[middle] / 1e3:.1f} kB and takes {spent[middle]:.3f} s of CPU; the one "
        f"with the re-import has {sizes[-1] / 1e6:.2f} MB and takes {spent[-1]:.2f} s; the other 95 have "
        f"{sum(sizes[:-1]) / 1e6:.2f} MB together."
    )


def megabytes(amount: float) -> str:
    return f"{amount:,.1f} MB" if amount < 100 else f"{amount:,.0f} MB"


if __name__ == "__main__":
    measured = Figures([json.loads(Path(name).read_text()) for name in sys.argv[1:]])
    print("\n\n".join([goals(measured), tables(measured), parts_line(measured), trickle_table(measured)]))
