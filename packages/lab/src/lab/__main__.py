"""The lab by hand: `up` in one terminal, and in another `shell HOST`, `reboot HOST`, `cut HOST`, `heal`, `down`."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from lab.cache import cache_folder
from lab.claim import Run, living, sweep
from lab.errors import LabError, RightsMissing
from lab.host import process_1_of
from lab.inside import entering
from lab.laboratory import NAMES, laboratory
from lab.network import Network
from lab.pinned import pinned_wheels
from lab.probe import missing
from lab.rootfs import rootfs
from lab.wheelhouse import wheelhouse

BY_HAND = "by-hand"  # marks the runs that these commands may touch: never those of tests
WORKSPACE = Path(__file__).parents[4]
CANNOT_RUN = 3  # exit status of `build` where the machine does not allow a lab


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    build = verbs.add_parser("build", help="build what hosts are made of, or say why the lab cannot run (exit 1, or 3)")
    build.add_argument("requirements", nargs="*", type=Path, help="fetch the wheels of these lists too")
    verbs.add_parser("up", help=f"boot {' and '.join(NAMES)} and keep them until Ctrl-C or `down`")
    for verb, told in (("shell", "a root shell on a host"), ("reboot", "reboot a host"), ("cut", "cut a host off")):
        verbs.add_parser(verb, help=told).add_argument("host", choices=NAMES)
    verbs.add_parser("heal", help="join all hosts again")
    verbs.add_parser("down", help="take the hosts down; nothing of them stays")
    verbs.add_parser("sweep", help="remove what runs left whose owner was killed")
    chosen = parser.parse_args()
    try:
        return _done(chosen.verb, getattr(chosen, "host", ""), getattr(chosen, "requirements", []))
    except LabError as error:
        _say(f"error: {error}")
        return CANNOT_RUN if isinstance(error, RightsMissing) else 1


def _done(verb: str, host: str, requirements: list[Path]) -> int:
    if verb in {"build", "up"}:
        if why := missing(os.environ):
            raise why
        return _build(requirements) if verb == "build" else _up()
    if verb == "sweep":
        _say(f"swept: {len(sweep())} runs")
        return 0
    run, owner = _by_hand()
    if verb == "shell":
        command = entering(_leader(run, host), "bash", "--login")
        return subprocess.call(command)
    if verb == "reboot":
        return subprocess.call(entering(_leader(run, host), "systemctl", "reboot"))
    if verb == "down":
        os.kill(owner, signal.SIGTERM)
        return 0
    network = Network(run, len(NAMES))
    if verb == "cut":
        network.cut(_index(host))
    else:
        network.heal()
    return 0


def _build(requirements: list[Path]) -> int:
    """All that hosts need and that would else be fetched, or built, while a test waits for it."""
    with rootfs(cache_folder(os.environ), os.environ, _say) as root:
        print(root)
    with wheelhouse(WORKSPACE, tell=_say) as folder:
        print(folder)
    for each in requirements:
        with pinned_wheels(WORKSPACE, each, tell=_say) as folder:
            print(folder)
    return 0


def _up() -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, frame: ended.set())
    with laboratory(NAMES, tell=_say, by_hand=BY_HAND) as lab:
        for host in lab.hosts:
            failed = host.boot()
            state = f"up, but these units failed: {', '.join(failed)}" if failed else "up"
            print(f"{host.name}  {host.address}  {state}", flush=True)
        print("in another terminal: python -m lab shell pi-ctv. Ctrl-C, or `down`, ends it", flush=True)
        ended.wait()
    return 0


def _by_hand() -> tuple[Run, int]:
    for run, owner in living():
        if (run.folder / BY_HAND).exists():
            return run, owner
    raise LabError("There is no lab up that was started by hand", hint="python -m lab up")


def _leader(run: Run, host: str) -> int:
    state = json.loads(_state(run, host).read_text())
    if (leader := process_1_of(state["container"])) is None:
        raise LabError(f"{host} is off")
    return leader


def _state(run: Run, host: str) -> Path:
    path = run.folder / str(_index(host)) / "state"
    if not path.exists():
        raise LabError(f"{host} is not up yet")
    return path


def _index(host: str) -> int:
    return NAMES.index(host) + 1


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
