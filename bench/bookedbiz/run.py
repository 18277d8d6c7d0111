"""The figures of BookedBiz on a station of 960,000 spots, beside its peers, in one run.

    .venv/bin/python bench/bookedbiz/run.py WORKDIR [--spots N] [--only PART]...

Fifteen minutes and 1 GB; the ledger that is there already is taken as it is. Datasette comes from PyPI. Prints the
tables and writes WORKDIR/figures.json, of which `report.py` makes the same tables. Wall times depend on the machine
and its load, which is noted for each part; CPU, bytes and ratios are what to compare.
"""

import argparse
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from asking import Site, addresses, ask_all
from importing import importing
from ledger import PASSWORD, SPOTS, make_ledger
from measure import run, serving
from peers import QUESTIONS, TIMES
from report import report

Told = dict[str, Any]
HERE = Path(__file__).parent
DATASETTE = "datasette==0.65.1"
EXPORTS = ("/api/revenue/sheet-export", "/api/revenue/planning-export")
MACHINE = ("/health", "/api/system-stats")


@dataclass(frozen=True)
class Bench:
    """Where it happens, and on how many spots."""

    work: Path
    spots: int

    def ledger(self) -> Path:
        return make_ledger(self.work, self.spots)


def pages(bench: Bench) -> Told:
    """Every page and export over HTTP; the server's memory after all of them."""
    made, place = bench.ledger(), bench.work / "asked"
    place.mkdir(exist_ok=True)
    ledger = Path(shutil.copy(made, place / "ledger.db"))  # what the bench writes is not to stay
    for log in place.glob("ledger.db-*"):
        log.unlink()
    secrets = place / "secrets"
    secrets.mkdir(exist_ok=True)
    secrets.joinpath("secret_key").write_text("a secret key for the bench alone")
    port = _free_port()
    environ = {
        "DATABASE_PATH": str(ledger),
        "DATA_PATH": str(place),
        "PORT": str(port),
        "CREDENTIALS_DIRECTORY": str(secrets),
    }
    with serving([sys.executable, "-m", "bookedbiz.cli", "serve"], bench.work / "server.log", environ) as server:
        address = f"http://127.0.0.1:{port}"
        _until_it_answers(f"{address}/health")
        site = Site(address, ledger, server, PASSWORD)
        started_mb = server.rss_mb
        links = [*addresses(site), *EXPORTS, *MACHINE]
        told = ask_all(site, links)
        return {
            "asked": told,
            "rss_mb": {"started": started_mb, "after all": server.rss_mb, "peak": server.peak_mb},
            "ledger": {"bytes": made.stat().st_size},
        }


def plain_sql(bench: Bench) -> Told:
    """The questions of three pages, asked of the spots."""
    ledger = bench.ledger()
    return {
        name: json.loads(run([sys.executable, HERE / "peers.py", name, ledger], bench.work / "log").said)
        for name in QUESTIONS
    }


def datasette(bench: Bench) -> Told:
    """The same questions over HTTP, as JSON of Datasette."""
    ledger, place = bench.ledger(), bench.work / "datasette"
    if not (place / "bin" / "datasette").exists():
        run([sys.executable, "-m", "venv", place], bench.work / "log")
        run([place / "bin" / "pip", "install", "--quiet", DATASETTE], bench.work / "log")
    port = _free_port()
    command = [
        place / "bin" / "datasette", "serve", ledger, "--port", str(port),
        "--setting", "sql_time_limit_ms", "60000", "--setting", "max_returned_rows", "1000000",
    ]  # fmt: skip
    told: Told = {}
    with serving(command, bench.work / "datasette.log", {}) as server, httpx.Client(timeout=120) as client:
        address = f"http://127.0.0.1:{port}"
        _until_it_answers(f"{address}/-/versions.json")
        for name, sql in QUESTIONS.items():
            took = []
            for _ in range(TIMES):
                began = time.perf_counter()
                answer = client.get(f"{address}/ledger.json", params={"sql": sql, "_shape": "array"})
                took.append(1000 * (time.perf_counter() - began))
                answer.raise_for_status()
            told[name] = {"ms": took, "bytes": len(answer.content), "rows": len(answer.json())}
        told["rss_mb"] = server.rss_mb
    return told


def imports(bench: Bench) -> Told:
    """The recap and the log, first and again."""
    return importing(bench.work)


PARTS: dict[str, Callable[[Bench], Told]] = {
    "imports": imports,
    "pages": pages,
    "plain SQL": plain_sql,
    "datasette": datasette,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--spots", type=int, default=SPOTS)
    parser.add_argument("--only", action="append", choices=PARTS)
    chosen = parser.parse_args()
    bench = Bench(chosen.work.resolve(), chosen.spots)
    bench.work.mkdir(parents=True, exist_ok=True)
    figures: Told = {"processors": os.cpu_count(), "spots": bench.spots, "parts": {}, "loads": {}, "took_s": {}}
    for name in chosen.only or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        began_s, load = time.monotonic(), round(os.getloadavg()[0], 1)
        figures["parts"][name] = PARTS[name](bench)
        figures["loads"][name] = [load, round(os.getloadavg()[0], 1)]
        figures["took_s"][name] = round(time.monotonic() - began_s, 1)
        (bench.work / "figures.json").write_text(json.dumps(figures, indent=1))
    print(report(figures))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _until_it_answers(address: str) -> None:
    until_s = time.monotonic() + 30
    while True:
        try:
            httpx.get(address).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > until_s:
                sys.exit(f"{address} never answered")
            time.sleep(0.1)


if __name__ == "__main__":
    main()
