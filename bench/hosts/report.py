"""Turns figures.json of `run.py` into the tables of bench/README.md.

report.py FIGURES
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

Told = dict[str, Any]
WHO = {"ours": "**Control Station**", "naive": "naive", "pyinfra": "pyinfra"}


def report(figures: Told) -> str:
    """Tables of the parts that were measured."""
    makers = {"apply": _applies, "counter": _counter, "bookedbiz": _bookedbiz, "scores": _scores}
    parts = figures["parts"]
    texts = [make(parts[name]) for name, make in makers.items() if name in parts]
    if "counter" in parts and "bookedbiz" in parts:
        texts.append(_deploys({name: parts[name]["deploys"] for name in ("counter", "bookedbiz")}))
    if "bootstrap" in parts:
        texts.append(_bootstrap(parts["bootstrap"]))
    noted = (
        f"{name} {figures['took_s'][name]:.0f} s, {first} to {last}" for name, (first, last) in figures["loads"].items()
    )
    return "\n\n".join(
        [*texts, f"How long each part took, and the machine's load as it began and ended: {'; '.join(noted)}."]
    )


def _applies(told: Told) -> str:
    rows: list[tuple[str, str, list[float]]] = []
    for title, ours, peer in (
        ("the first run", [told["first"]["ours"]], [told["first"]["pyinfra"]]),
        ("nothing to do", told["nothing"]["ours"], told["nothing"]["pyinfra"]),
    ):
        for who, costs in (("ours", ours), ("pyinfra", peer)):
            rows.append((title, WHO[who], [_middle(costs, what) for what in ("wall_s", "cpu_s", "peak_mb")]))
    shown = [(title, who, f"{wall:.2f} s", f"{cpu:.2f} s", f"{peak:.0f} MB") for title, who, (wall, cpu, peak) in rows]
    ratios = [f"{theirs / mine:.1f}x" for mine, theirs in zip(rows[2][2], rows[3][2], strict=True)]
    ratio = ("nothing to do", "pyinfra against ours", *ratios)
    return _table(("host of the office", "", "wall", "CPU", "peak memory"), [*shown, ratio])


def _counter(told: Told) -> str:
    return _asked("small app, GET and POST", told["asked"], told["restarts"])


def _bookedbiz(told: Told) -> str:
    return _asked("BookedBiz, GET", told["asked"], told["restarts"])


def _asked(title: str, asked: dict[str, Told], restarts: int) -> str:
    """One row for each scenario, the naive way of it before ours."""
    by_name = defaultdict(list)
    for name, told in asked.items():
        who, _, what = name.partition(": ")
        by_name[what].append((WHO[who], told))
    rows = []
    for what, both in by_name.items():
        for who, told in both:
            late = (f"{told[name]:,.0f}" for name in ("p50_ms", "p99_ms", "max_ms"))
            failed = f"{told['failed']} / {told['asked']}"
            scenario = f"{what}, {restarts} of them" if what == "restart" else what
            took = f"{told['took_s']:.1f} s" if what != "restart" else ""
            rows.append((scenario, who, failed, " / ".join(late), _rows(told["written"]), took))
    head = (title, "", "failed", "p50 / p99 / max ms", "rows answered / there / lost / twice", "took")
    return _table(head, rows)


def _rows(written: Told | list[str]) -> str:
    if not isinstance(written, dict):
        return ""
    return " / ".join(str(written[name]) for name in ("answered", "there", "lost", "twice"))


def _deploys(deploys: dict[str, list[Told]]) -> str:
    rows = []
    names = ("fetch", "code", "environment", "import check", "switch and after")
    for app, times in deploys.items():
        for number, told in enumerate(times):
            steps = (f"{told['steps'].get(name, 0):.1f} s" for name in names)
            waited = "" if told["waited_s"] is None else f"{told['waited_s']:.1f} s"
            rows.append((app, ("first", "second")[number], f"{told['took_s']:.1f} s", *steps, waited))
    return _table(("deploy, nobody asking", "", "whole", *names, "of which requests wait"), rows)


def _scores(told: Told) -> str:
    """By score the units that have it; the three hosts' units of one name score alike, or stand in two rows."""
    found: dict[float, set[str]] = defaultdict(set)
    for units in told["ours"].values():
        for unit, score in units.items():
            found[score].add(unit.removesuffix(".service"))
    rows = [(f"{score:.1f}", ", ".join(sorted(units))) for score, units in sorted(found.items())]
    by_hand = [f"{unit.removesuffix('.service')} {score:.1f}" for unit, score in told["by hand"].items()]
    return _table(("score", "services of the office"), [*rows, ("by hand", ", ".join(by_hand))])


def _bootstrap(told: Told) -> str:
    titles = {
        "bundle_s": "the bundle is written, before that",
        "installed_s": "blank host to the platform",
        "applied_s": "to applied",
        "answers_s": "to BookedBiz answering 302",
        "ended_s": "to the command's end",
    }
    rows = [(title, f"{told[name]:.1f} s") for name, title in titles.items()]
    return _table(("bootstrap", ""), [*rows, ("the bundle", f"{told['bundle_bytes'] / 1e6:.1f} MB")])


def _middle(costs: Sequence[Told], what: str) -> float:
    return float(median(told[what] for told in costs))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(report(json.loads(Path(sys.argv[1]).read_text())))
