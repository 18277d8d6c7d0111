"""The held switch: the old release ends, the databases are copied and migrated, and the new one starts.

With `socket = true` no request is refused: they wait in the socket. The new release is asked on a socket of its own
first: until it has proven itself nothing that anybody sends can reach it, and there is nothing to lose when it fails.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl
from station.hosts.rendering.switch_units import MIGRATE_S
from station.hosts.switching import snapshots
from station.hosts.switching.faults import reached
from station.hosts.switching.gate import ALONE_S, failed
from station.hosts.switching.journal import Phase
from station.hosts.switching.work import Work


def switch_held(work: Work, take_point: Callable[[], None], back: Mapping[str, Path] | None = None) -> float:
    """Bring the new release to serve: for how many seconds nobody was served. What is raised has to be undone.

    `back`: it is an earlier release, which migrates nothing; databases that are in it are replaced by these files.
    """
    with snapshots.Copies(work.host, work.app) as copies:
        _prepare(work, copies, take_point)
        began = time.monotonic()
        work.note(Phase.STOPPING)
        work.processes.stop(work.processes.all)
        reached("stopped")
        copies.catch_up()
    work.note(Phase.CHANGING)
    if back is None:
        _migrate(work)
    else:
        _bring_back(work, back)
    if work.processes.trial:
        _try_everything(work)
    else:
        _try_in_place(work)
    work.note(Phase.PROVEN)
    return serve_new(work, began)


def serve_new(work: Work, began: float) -> float:
    """Start the release that has proven itself where everybody asks it. Done again, it goes on from wherever it was."""
    work.point_to(work.journal.new)
    reached("linked")
    start_and_ask(work)
    silent_s = time.monotonic() - began
    work.processes.start(work.processes.others)
    work.gate.settled(work.processes.all)
    reached("settled")
    work.processes.start(work.journal.started)
    return silent_s


def start_and_ask(work: Work) -> None:
    """What the links name runs, and is healthy where everybody asks it. GateFailed, KeptStill."""
    work.processes.end_trials()
    work.processes.start([work.processes.gate])
    work.gate.public()
    reached("started")


def _prepare(work: Work, copies: snapshots.Copies, take_point: Callable[[], None]) -> None:
    """All that can be done while the old release serves."""
    work.processes.stop(work.processes.timers)
    work.processes.wait_for_jobs(work.tell)
    began = time.monotonic()
    copied = copies.take()
    work.tell(f"databases copied while the old release serves: {copied / 1e6:.1f} MB, {time.monotonic() - began:.1f} s")
    take_point()
    work.processes.stop(work.processes.loops)
    work.permit_trials()
    copies.catch_up()
    reached("prepared")


def _migrate(work: Work) -> None:
    unit = work.processes.migration
    if not unit:
        return
    work.note(Phase.CHANGING, migrated=True)
    began = time.monotonic()
    try:
        systemctl.act("start", [unit], within_s=MIGRATE_S + 60)
    except StationError as why:
        raise failed(unit, "", "The migration of the databases failed") from why
    work.tell(f"databases migrated: {time.monotonic() - began:.1f} s")
    reached("migrated")


def _bring_back(work: Work, files: Mapping[str, Path]) -> None:
    """Put these in the place of the databases; what lay there is kept."""
    if not files:
        return
    work.note(Phase.CHANGING, migrated=True)
    kept = Path(work.journal.kept).with_name(f"{work.journal.begun_at.replace(':', '').replace('-', '')}-rolled-back")
    snapshots.put_in_place(work.host, work.app, files, kept)
    work.tell(f"databases brought back; what was written since is kept in {kept}")
    reached("migrated")


def _try_everything(work: Work) -> None:
    """The processes that nobody asks anything run in their place meanwhile: one that ends at once is found out while
    nothing is lost by it."""
    others, began = work.processes.others, time.monotonic()
    if others:
        work.note(Phase.TRYING)
        work.point_to(work.journal.new)
        work.processes.start_alone(others)
    try_out(work)
    work.gate.settled(others, ALONE_S - (time.monotonic() - began))


def try_out(work: Work) -> None:
    """The new release, on a socket that only we can ask, over the databases as it will have them."""
    processes = work.processes
    processes.start([processes.trial_socket, processes.trial])
    work.gate.trial()
    work.databases_usable()
    reached("tried")
    processes.stop([processes.trial_socket, processes.trial])


def _try_in_place(work: Work) -> None:
    """Without a socket of systemd's it has one address, and whoever asks there is answered before we have decided."""
    work.note(Phase.TRYING)
    work.point_to(work.journal.new)
    start_and_ask(work)
    work.databases_usable()
