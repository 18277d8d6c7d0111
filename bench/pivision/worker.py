"""The worker beside a bare decode of the same pictures and beside Debian's `motion`, in interleaved rounds of one run.

    .venv/bin/python bench/pivision/worker.py WORKDIR [--rounds 3] [--pictures 320]

Everything that is measured runs on core 1, whoever feeds it on core 0. Prints tables.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import psutil
from motion import Motion

from pivision.config import Config, Region
from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices import configs, registry
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.scenes.families import family
from pivision.testing.live import make_live
from pivision.vision import decode
from pivision.vision.detector import Detector
from pivision.worker.loop import Worker

EVERY_S = 0.5
WARM = 64  # pictures in which the detector learns the scene
CHUNK = 16
BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCENES = {"640x480": 80, "1280x720": 83}  # seeds of the plain family: every fourth is large


@dataclass(frozen=True)
class Pictures:
    """What is looked at: `idle` first, then a visit with all that comes of it."""

    name: str
    width: int
    height: int
    warm: list[bytes]
    idle: list[bytes]
    active: list[bytes]
    regions: tuple[Region, ...]

    def of(self, scene: str) -> list[bytes]:
        return self.idle if scene == "idle" else self.active


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--pictures", type=int, default=320)
    wanted = asked.parse_args()
    shutil.rmtree(wanted.folder, ignore_errors=True)
    wanted.folder.mkdir(parents=True)
    made = [pictures(name, seed, wanted.pictures) for name, seed in SCENES.items()]
    os.sched_setaffinity(0, {1})
    print(f"load {os.getloadavg()[0]:.1f}, OpenCV {cv2.__version__}, numpy {np.__version__}\n")
    for each in made:
        sizes = {scene: statistics.mean(map(len, each.of(scene))) / 1000 for scene in ("idle", "active")}
        print(f"{each.name}: idle {len(each.idle)} of {sizes['idle']:.0f} KB, active {len(each.active)}"
              f" of {sizes['active']:.0f} KB")  # fmt: skip
    print("\n| scene | bare decode | decode and detector | of the decode | worker, runs of 16 | worker, one at a time |"
          " `motion` | times ours |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for each in made:
        for scene in ("idle", "active"):
            show(each, scene, [one_round(wanted.folder, each, scene) for _ in range(wanted.rounds)])
    server_mb, worker_mb = memory(wanted.folder / "live", made[0])
    print(f"\nRSS: server {server_mb:.0f} MB, worker {worker_mb:.0f} MB; load {os.getloadavg()[0]:.1f}")


def pictures(name: str, seed: int, most: int) -> Pictures:
    """A plain film as JPEGs of quality 80: what is before the first visit again and again, and that visit."""
    film = family("plain").make(seed)
    film = replace(film, sensor=replace(film.sensor, quality=80))
    first = min(film.truth.expected, key=lambda each: each.opens_s)
    shots = [(at_s, jpeg) for at_s, jpeg in film.frames(EVERY_S) if at_s < first.closes_s + 20]
    calm = [jpeg for at_s, jpeg in shots if at_s < first.opens_s - 4]
    visit = [jpeg for at_s, jpeg in shots if first.opens_s - 1 <= at_s]
    quiet = (calm * (1 + (WARM + most) // len(calm)))[: WARM + most]
    width, height = film.size
    return Pictures(name, width, height, quiet[:WARM], quiet[WARM:], visit, film.regions)


def one_round(folder: Path, made: Pictures, scene: str) -> dict[str, float]:
    """CPU ms a picture of each way, one after the other."""
    shown = made.of(scene)
    found = together(made, shown)
    found["runs"] = worked(folder / "worker", made, shown, at_once=True)
    found["single"] = worked(folder / "worker", made, shown, at_once=False)
    with Motion(folder / "motion", made.width, made.height) as motion:
        found["motion"] = motion.cpu_ms(shown)
    return found


def together(made: Pictures, shown: list[bytes]) -> dict[str, float]:
    """Bare decode, and decode with the detector, in turns of a few pictures."""
    detector = Detector(Config().tuning, made.regions)
    number = 0
    for jpeg in made.warm:
        number += 1
        detector.step(decode.grey(jpeg, made.width, made.height), number, number * EVERY_S)
    bare_s = whole_s = 0.0
    for begin in range(0, len(shown), CHUNK):
        some = shown[begin : begin + CHUNK]
        bare_s += spent(lambda some=some: [bare(jpeg) for jpeg in some])
        began = time.process_time()
        for jpeg in some:
            number += 1
            detector.step(decode.grey(jpeg, made.width, made.height), number, number * EVERY_S)
        whole_s += time.process_time() - began
    return {"bare": bare_s * 1000 / len(shown), "step": whole_s * 1000 / len(shown)}


def bare(jpeg: bytes) -> object:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_4)


def spent(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def worked(folder: Path, made: Pictures, shown: list[bytes], *, at_once: bool) -> float:
    """The whole worker: queue, bytes, decode, detector, rows, its saved state, events' pictures.

    `at_once`: all wait, and it takes them in runs; else each waits alone, as of a camera that is looked at in time.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "pivision.db"
    prepare(path)
    files = DataFolder(folder)
    files.make()
    clock = [BEGAN]
    db = open_durable(path)
    device = registry.add(db, "stand", "", By("bench", BEGAN)).id
    configs.put(db, device, Config(regions=made.regions), By("bench", BEGAN), expected=0)
    worker = Worker(db, files, threading.Event(), now=lambda: clock[0])
    receive(db, files, device, made, made.warm, clock)
    while worker.work_once():
        pass
    took_s = 0.0
    for begin in range(0, len(shown), CHUNK):
        some = shown[begin : begin + CHUNK]
        for part in [some] if at_once else [[jpeg] for jpeg in some]:
            receive(db, files, device, made, part, clock)
            began = time.process_time()
            while worker.work_once():
                pass
            took_s += time.process_time() - began
    db.close()
    return took_s * 1000 / len(shown)


def receive(db, files: DataFolder, device: int, made: Pictures, jpegs: list[bytes], clock: list[datetime]) -> None:
    """As the server would have stored them."""
    file = f"segments/{clock[0]:%H%M%S%f}.seg"
    files.file(file).write_bytes(b"".join(jpegs))
    position = 0
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    segment = db.execute("INSERT INTO segment (path, opened_at) VALUES (?, ?)", (file, utc_text(clock[0]))).lastrowid
    for jpeg in jpegs:
        at = utc_text(clock[0])
        capture = db.execute(
            "INSERT INTO capture (device_id, seq, received_at, width, height, bytes, sha256, segment_id, position)"
            " VALUES (?, coalesce((SELECT max(id) FROM capture), 0), ?, ?, ?, ?, ?, ?, ?)",
            (device, at, made.width, made.height, len(jpeg), hashlib.sha256(jpeg).digest(), segment, position),
        ).lastrowid
        db.execute(
            "INSERT INTO job (kind, device_id, capture_id, run_after, created_at) VALUES ('analyze_frame', ?, ?, ?, ?)",
            (device, capture, at, at),
        )
        position += len(jpeg)
        clock[0] += timedelta(seconds=EVERY_S)
    db.execute("COMMIT")


def memory(folder: Path, made: Pictures) -> tuple[float, float]:
    """RSS of server and worker in MB after the idle and the active pictures came in over HTTP."""
    folder.mkdir()
    live = make_live(folder, queue=10_000_000, free_bytes=1)
    name, key = "gate", live.keys["gate"]
    command = [sys.executable, "-m", "backend.worker"]
    with live.running() as app, subprocess.Popen(command, env=live.environ, stderr=subprocess.DEVNULL) as worker:
        try:
            for seq, jpeg in enumerate([*made.warm, *made.idle, *made.active], 1):
                head = {"X-Device-Key": key, "X-Device-Id": name, "X-Seq": str(seq), "Content-Type": "image/jpeg"}
                assert live.ask("POST", "/api/v1/ingest/frame", jpeg, head).status in (200, 201), seq
            while live.rows("SELECT count(*) FROM job")[0][0]:
                time.sleep(0.2)
            rss = tuple(psutil.Process(pid).memory_info().rss / 2**20 for pid in (app.process.pid, worker.pid))
        finally:
            worker.terminate()
    return rss[0], rss[1]


def show(made: Pictures, scene: str, rounds: list[dict[str, float]]) -> None:
    mid = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    ratio = statistics.median(each["step"] / each["bare"] for each in rounds)
    print(
        f"| {made.name}, {scene} | {mid['bare']:.3f} | {mid['step']:.3f} | {ratio:.2f} | {mid['runs']:.3f} |"
        f" {mid['single']:.3f} | {mid['motion']:.3f} |"
        f" {mid['motion'] / mid['runs']:.2f} / {mid['motion'] / mid['single']:.2f} |",
        flush=True,
    )
    print(json.dumps({"scene": f"{made.name} {scene}", "rounds": rounds}), file=sys.stderr)


if __name__ == "__main__":
    main()
