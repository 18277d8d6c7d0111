"""Ingest beside the pattern of document 003, at equal durability, in interleaved rounds of one run.

    .venv/bin/python bench/pivision/ingest.py WORKDIR [--rounds 3] [--seconds 6]

Cameras on core 0, the server on core 1 (taskset). WORKDIR lies on the disk that is measured. Prints tables.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import cv2
import numpy as np
import psutil

from pivision.database import prepare
from pivision.moments import utc_text
from pivision.queue import claim, done
from pivision.testing.live import make_live
from station_kit.sqlitefile import open_database, transaction
from station_kit.testing.running import free_port

HERE = Path(__file__).parent
CLIENTS = 8
KINDS = {
    "pattern, WAL": ("json", False),
    "pattern, rollback journal": ("json", False),
    "ours, raw": ("raw", True),
    "ours, multipart": ("multipart", True),
}
KINDS["ours, JSON"] = ("json", True)
ROOM = {"queue": 10_000_000, "free_bytes": 1}


def main() -> None:
    asked = parser().parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    size = make_frames(asked.folder / "frames")
    print(f"frames of {size / 1000:.0f} KB, {CLIENTS} clients, {asked.rounds} rounds of {asked.seconds:g} s each\n")
    print(f"sync of a picture: {sync_ms(asked.folder, size):.1f} ms (median of 100 writes with fdatasync)\n")
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for number in range(asked.rounds):
        for kind in KINDS:
            found[kind].append(one_round(asked.folder / f"r{number}", kind, asked.seconds, 0))
    show(found)
    slow = {
        kind: [one_round(asked.folder / "slow", kind, asked.seconds * 2, 20)] for kind in ("pattern, WAL", "ours, raw")
    }
    print("\nAt 20 requests/s:\n")
    show(slow)
    print(f"\nclaim with {asked.jobs:,} jobs of 10 devices: p50 {claim_ms(asked.folder, asked.jobs):.3f} ms")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("folder", type=Path)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--seconds", type=float, default=6)
    made.add_argument("--jobs", type=int, default=1_000_000)
    return made


def make_frames(folder: Path, wanted: int = 58_000) -> float:
    """20 noisy pictures of 640x480 at about the wanted size; the mean size in bytes."""
    folder.mkdir()
    chance = np.random.default_rng(5)
    scene = cv2.resize(chance.integers(0, 255, (30, 40, 3), dtype=np.uint8), (640, 480), interpolation=cv2.INTER_CUBIC)
    sizes = []
    for number in range(20):
        noisy = np.clip(scene + chance.normal(0, 6, scene.shape), 0, 255).astype(np.uint8)
        tries = [cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for quality in range(60, 96, 2)]
        best = min(tries, key=lambda content: abs(len(content) - wanted)).tobytes()
        (folder / f"{number:02d}.jpg").write_bytes(best)
        sizes.append(len(best))
    return statistics.mean(sizes)


def sync_ms(folder: Path, size: float) -> float:
    """What the disk itself takes for one picture."""
    took = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(100):
            began_s = time.perf_counter()
            file.write(bytes(int(size)))
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(took)


def one_round(folder: Path, kind: str, seconds: float, rate: float) -> dict[str, float]:
    """A server that starts empty, the cameras, what they saw, and what the server used."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with pattern(folder, kind) if kind.startswith("pattern") else ours(folder) as (process, port, clients):
        form, keep_alive = KINDS[kind]
        plan = {
            "port": port, "form": form, "keep_alive": keep_alive, "seconds": seconds, "rate": rate,
            "images": str(folder.parent / "frames"),
            "clients": [
                {"name": name, "key": key, "place": place, "first_seq": 1} for place, (name, key) in enumerate(clients)
            ],
        }  # fmt: skip
        send(
            {**plan, "seconds": 0.5, "clients": [{**each, "first_seq": 1_000_000} for each in plan["clients"]]}, folder
        )
        before = cpu_s(process)
        seen = send(plan, folder)
        used = cpu_s(process) - before
        rss = process.memory_info().rss
    shutil.rmtree(folder)
    return {**seen, "cpu_ms": used * 1000 / seen["requests"], "rss_mb": rss / 2**20}


def send(plan: dict[str, object], folder: Path) -> dict[str, float]:
    file = folder / "plan.json"
    file.write_text(json.dumps(plan))
    command = ["taskset", "-c", "0", sys.executable, str(HERE / "senders.py"), str(file)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def pattern(folder: Path, kind: str) -> Iterator[tuple[psutil.Process, int, list[tuple[str, str]]]]:
    port = free_port()
    command = [
        sys.executable,
        str(HERE / "peer.py"),
        str(folder),
        str(port),
        "wal" if kind.endswith("WAL") else "delete",
    ]
    with served(command, dict(os.environ), folder, f"http://127.0.0.1:{port}/") as process:
        yield process, port, [(f"c{place}", "pattern-key") for place in range(CLIENTS)]


@contextmanager
def ours(folder: Path) -> Iterator[tuple[psutil.Process, int, list[tuple[str, str]]]]:
    live = make_live(folder, **ROOM)
    names = [f"c{place}" for place in range(CLIENTS)]
    for name in names:
        live.device(name)
    with served(list(live.command), live.environ, folder, f"http://127.0.0.1:{live.port}/health") as process:
        yield process, live.port, [(name, live.keys[name]) for name in names]


@contextmanager
def served(command: list[str], environ: dict[str, str], folder: Path, url: str) -> Iterator[psutil.Process]:
    """The server on core 1, once it answers anything."""
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(["taskset", "-c", "1", *command], env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            wait(url)
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def wait(url: str) -> None:
    for _ in range(200):
        try:
            urlopen(url).close()
        except URLError as why:
            if hasattr(why, "code"):
                return
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def show(found: dict[str, list[dict[str, float]]]) -> None:
    print("| server | requests/s | p50 ms | p99 ms | CPU ms/request | RSS MB | failed |")
    print("|---|---|---|---|---|---|---|")
    for kind, rounds in found.items():
        mid = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        failed = sum(each["failed"] for each in rounds)
        print(
            f"| {kind} | {mid['per_s']:.0f} | {mid['p50_ms']:.1f} | {mid['p99_ms']:.1f} | {mid['cpu_ms']:.2f}"
            f" | {mid['rss_mb']:.0f} | {failed:.0f} |"
        )


def claim_ms(folder: Path, jobs: int) -> float:
    """The median of 2,000 claims; each job is then done."""
    path = folder / "claims.db"
    prepare(path)
    db, at = open_database(path), utc_text(datetime.now(UTC))
    with transaction(db):
        for number in range(10):
            db.execute("INSERT INTO device (name, title, created_at) VALUES (?, '', ?)", (f"d{number}", at))
        db.executemany(
            "INSERT INTO capture (device_id, seq, received_at, width, height, bytes, sha256)"
            " VALUES (?, ?, ?, 640, 480, 58000, x'00')",
            ((number % 10 + 1, number, at) for number in range(jobs)),
        )
        db.execute(
            "INSERT INTO job (kind, device_id, capture_id, run_after, created_at)"
            " SELECT 'analyze_frame', device_id, id, received_at, received_at FROM capture"
        )
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    took = []
    for _ in range(2000):
        began_s = time.perf_counter()
        taken = claim(db, "bench", datetime.now(UTC))
        took.append((time.perf_counter() - began_s) * 1000)
        assert taken is not None
        done(db, taken.job_id)
    db.close()
    return statistics.median(took)


if __name__ == "__main__":
    main()
