"""Turns figures.json of `run.py` into the tables of bench/README.md, with the goals and whether they were met.

report.py FIGURES
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

Told = dict[str, Any]
WAYS = ("first", "again", "first, four users", "again, four users")


def report(figures: Told) -> str:
    """Tables of the parts that were measured."""
    parts = figures["parts"]
    texts = [_goals(parts)] if {"imports", "pages"} <= parts.keys() else []
    texts += [make(parts[name]) for name, make in (("imports", _imports), ("pages", _pages)) if name in parts]
    if {"pages", "plain SQL", "datasette"} <= parts.keys():
        texts.append(_questions(parts))
    noted = (
        f"{name} {figures['took_s'][name]:.0f} s, {first} to {last}" for name, (first, last) in figures["loads"].items()
    )
    return "\n\n".join(
        [*texts, f"How long each part took, and the machine's load as it began and ended: {'; '.join(noted)}."]
    )


def _goals(parts: Told) -> str:
    recap, asked = parts["imports"]["recap"], parts["pages"]["asked"]
    pages = {link: told for link, told in asked.items() if _is_page(link)}
    slowest = max(pages, key=lambda link: pages[link]["first"]["median_ms"])
    neediest = max(pages, key=lambda link: float(pages[link]["first"]["cpu_ms"]))
    largest = max(pages, key=lambda link: int(pages[link]["bytes"]))
    export = asked["/api/revenue/sheet-export"]["first"]["median_ms"] / 1000
    rows = (
        ("recap: CPU", recap["first"]["cpu_s"], 5, "s"),
        ("recap: peak memory", max(recap[name]["peak_mb"] for name in ("first", "again, saved anew")), 250, "MB"),
        (f"slowest page, first asked: `{slowest}`", pages[slowest]["first"]["median_ms"], 50, "ms"),
        (f"most CPU of a page, first asked: `{neediest}`", pages[neediest]["first"]["cpu_ms"], 50, "ms"),
        (f"largest page: `{largest}`", pages[largest]["bytes"] / 1000, 100, "kB"),
        ("sheet export, first asked", export, 0.3, "s"),
        ("database", parts["pages"]["ledger"]["bytes"] / 1e6, 200, "MB"),
        ("memory of the server after all pages and exports", parts["pages"]["rss_mb"]["after all"], 150, "MB"),
    )
    lines = [
        (name, f"at most {wanted} {unit}", f"{found:.3g} {unit}", "met" if found <= wanted else "**missed**")
        for name, found, wanted, unit in rows
    ]
    return _table(("goal", "wanted", "measured", ""), lines)


def _imports(told: Told) -> str:
    lines = []
    for name, of in told.items():
        for way in ("first", "again, saved anew", "again, the same bytes"):
            cost = of[way]
            rate = f"{cost['read'] / cost['cpu_s']:,.0f}"
            changed = f"{cost['added']:,} / {cost['removed']:,}"
            lines.append((f"{name}, {of['first']['read']:,} lines", way, changed, *_cost(cost), rate))
        for peer in ("openpyxl", "calamine"):
            cost = of[peer]
            ratio = of["first"]["cpu_s"] / cost["cpu_s"]
            words = f"{peer} reads it, no more: ours takes {ratio:.1f}x its CPU"
            lines.append((f"{name}", words, "", *_cost(cost), f"{of['first']['read'] / cost['cpu_s']:,.0f}"))
    return _table(("import", "", "rows added / removed", "CPU", "wall", "peak memory", "rows per CPU s"), lines)


def _cost(cost: Told) -> tuple[str, str, str]:
    return f"{cost['cpu_s']:.2f} s", f"{cost['wall_s']:.2f} s", f"{cost['peak_mb']:.0f} MB"


def _pages(told: Told) -> str:
    lines = []
    for link, of in told["asked"].items():
        times = (f"{of[way]['median_ms']:.0f}" for way in WAYS)
        lines.append((f"`{link}`", *times, f"{of['first']['cpu_ms']:.0f}", _kb(of["bytes"]), _kb(of["packed_bytes"])))
    head = ("asked over HTTP, ms", *WAYS, "CPU of the first", "kB", "packed")
    rss = told["rss_mb"]
    return (
        f"{_table(head, lines)}\n\nDatabase {told['ledger']['bytes'] / 1e6:.0f} MB; the server's memory "
        f"{rss['started']:.0f} MB when it answers, {rss['after all']:.0f} MB after all of this, "
        f"{rss['peak']:.0f} MB at most."
    )


def _questions(parts: Told) -> str:
    asked = parts["pages"]["asked"]
    ours = {
        "months": ("/reports/months", "totals by month, two years"),
        "customers": ("/reports/customers", "customers by month, two years"),
        "tuples": ("/api/revenue/sheet-export", "workbook tuples, all years"),
    }
    lines = []
    for name, (link, words) in ours.items():
        first, again = (asked[link][way]["median_ms"] for way in ("first", "again"))
        plain, theirs = (median(parts[peer][name]["ms"]) for peer in ("plain SQL", "datasette"))
        lines.append(
            (words, f"{first:.0f} ms", f"{again:.0f} ms", f"{plain:,.0f} ms, {plain / first:.0f}x",
             f"{theirs:,.0f} ms, {theirs / first:.0f}x")
        )  # fmt: skip
    head = ("question", "**our page**, first asked", "again", "SQL over the spots", "Datasette's JSON of that SQL")
    return _table(head, lines)


def _is_page(link: str) -> bool:
    return not link.partition("?")[0].endswith((".csv", ".xlsx")) and "export" not in link


def _kb(count: int) -> str:
    return f"{count / 1000:,.1f}" if count < 10_000 else f"{count / 1000:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(report(json.loads(Path(sys.argv[1]).read_text())))
