"""Imports of the recap and the log into an empty ledger, first and again, beside the mere reading by others."""

import json
import shutil
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ledger import make_workbooks
from measure import Cost, run

HERE = Path(__file__).parent
Told = dict[str, Any]


def importing(work: Path) -> Told:
    """Of each workbook the costs; `rows` are those of the file."""
    recap, log = make_workbooks(work)
    year = recap.stem
    closing_mode = ["--mode", "close", "--months", f"{year}01-{year}12"]
    return {
        "recap": _imported(work, recap, closing_mode, [*closing_mode, "--reason", "again"]),
        "log": _imported(work, log, [], []),
    }


def _imported(work: Path, workbook: Path, first: list[str], again: list[str]) -> Told:
    place = work / "importing" / workbook.stem
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*.db*"):
        old.unlink()
    environ = {"DATABASE_PATH": str(place / "ledger.db"), "DATA_PATH": str(place)}
    saved_again = _packed_anew(workbook, place / workbook.name)
    told: Told = {}
    for name, file, options in (
        ("first", workbook, first),
        ("again, saved anew", saved_again, again),
        ("again, the same bytes", saved_again, again),
    ):
        cost = run([sys.executable, "-m", "bookedbiz.cli", "import", file, "--json", *options], work / "log", environ)
        report = json.loads(cost.said.splitlines()[-1])
        told[name] = _plain(cost) | {
            "read": report["rows_read"],
            "added": report["rows_added"],
            "removed": report["rows_removed"],
        }
    told["database_bytes"] = (place / "ledger.db").stat().st_size
    for peer in ("openpyxl", "calamine"):
        told[peer] = _plain(run([sys.executable, HERE / "peers.py", peer, workbook], work / "log"))
    return told


def _packed_anew(workbook: Path, copy: Path) -> Path:
    """The same cells in other bytes: what saving it again comes to."""
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            with old.open(name) as content, new.open(name, "w") as target:
                shutil.copyfileobj(content, target)
    return copy


def _plain(cost: Cost) -> Told:
    return {name: value for name, value in asdict(cost).items() if name != "said"}
