"""How many visits and changes are found, family by family, beside the documents' rule: figures.json and Markdown.

.venv/bin/python bench/pivision/accuracy.py WORKDIR [--seeds 100 101] [--hours 6] [--without-tuned]
"""

import argparse
import json
import os
import time
from pathlib import Path

from pivision.scenes import gate, suite, tables
from pivision.scenes.ours import OURS
from pivision.scenes.peer import DOCUMENTED, TUNED
from pivision.scenes.scoring import Result, Score, total
from pivision.scenes.truth import Topic


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seeds", type=int, nargs="+", default=[100, 101, 102])
    asked.add_argument("--hours", type=int, default=suite.EMPTY_HOURS)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--without-tuned", action="store_true")
    wanted = asked.parse_args()
    names = (OURS.name, DOCUMENTED.name, *(() if wanted.without_tuned else (TUNED.name,)))
    began = time.monotonic()
    outcomes = []
    for each in suite.run_all(suite.cases((), wanted.seeds, names, wanted.hours), wanted.processes):
        outcomes.append(each)
        print(f"{time.monotonic() - began:5.0f} s  {each.case.family} {each.case.seed}", flush=True)
    found = {name: suite.by_family(outcomes, name) for name in names}
    wanted.folder.mkdir(parents=True, exist_ok=True)
    figures = {name: tables.as_json(each) for name, each in found.items()}
    load = os.getloadavg()
    (wanted.folder / "accuracy.json").write_text(json.dumps({"load": load, "detectors": figures}, indent=1))
    text = "\n\n".join(
        (tables.markdown(_side_by_side(found)), tables.markdown(tables.gate_rows(gate.lines(found[names[0]]))))
    )
    (wanted.folder / "accuracy.md").write_text(text + "\n")
    print(text)


def _side_by_side(found: dict[str, dict[str, Result]]) -> list[tuple[str, ...]]:
    """Each family with the F1 of visits and of stock, and false events a day, of each detector."""
    head = ["family", "visits", "changes"]
    for name in found:
        head += [f"{name}: visits F1", "stock F1", "false/day"]
    rows = [tuple(head)]
    ours = next(iter(found.values()))
    for family in [*ours, "all"]:
        row = [family]
        for at, results in enumerate(found.values()):
            result = total(results.values()) if family == "all" else results[family]
            visits, stock = result.of(Topic.INTERACTION), result.of(Topic.STOCK)
            if at == 0:
                row += [str(visits.right + visits.missed), str(stock.right + stock.missed)]
            row += [_f1(visits), _f1(stock), f"{result.false_per_day:.0f}"]
        rows.append(tuple(row))
    return rows


def _f1(score: Score) -> str:
    return f"{score.f1:.2f}" if score.right + score.missed else ""


if __name__ == "__main__":
    main()
