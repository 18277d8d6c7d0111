"""The way back: databases and links as they were before the switch, and the old release serving again.

What the new release wrote is kept in `replaced/`. After a kill it is run again, from whatever the journal says.
"""

from dataclasses import dataclass
from pathlib import Path

from station.errors import StationError
from station.hosts.alerts import alert
from station.hosts.switching import snapshots
from station.hosts.switching.faults import reached
from station.hosts.switching.gate import KeptStill
from station.hosts.switching.journal import Phase
from station.hosts.switching.work import Work

_UNTOUCHED = (Phase.PREPARING, Phase.STOPPING, Phase.UNDONE)


@dataclass(frozen=True)
class Undone:
    """How it ended: `serving` says whether the old release is healthy, `text` what was done, for a person."""

    text: str
    serving: bool


def undo(work: Work, why: str) -> Undone:
    """Put everything back and start the old release. StationError when that is not possible: somebody has to look."""
    done = []
    if work.journal.phase not in _UNTOUCHED:
        if work.journal.phase is not Phase.UNDOING:
            work.note(Phase.UNDOING, why=why, restore=_must_restore(work), kept=str(_kept(work)))
        done.append(_put_back(work))
    work.end_trials()
    if work.journal.phase is not Phase.PREPARING:
        work.note(Phase.UNDONE, why=why)
    return _start_old(work, done)


def _must_restore(work: Work) -> bool:
    """Whether the old release cannot go on with the databases as they are now.

    Before the new release had proven itself nobody could write but itself. After that it took requests: when it changed
    no schema what was written is kept, and the old release goes on with it. An overlap never brings databases back.
    """
    if work.journal.kind == "overlap":
        return False
    if work.journal.phase is not Phase.PROVEN or work.journal.migrated:
        return True
    try:
        return not snapshots.same_schema(work.host, work.app, work.journal)
    except StationError:
        return True


def _kept(work: Work) -> Path:
    """The folder for what the new release wrote. What nobody but the deploy itself could send it needs no keeping:
    only the newest of those stays."""
    served = work.journal.phase is Phase.PROVEN or not work.processes.trial
    return Path(work.journal.kept + ("" if served else snapshots.UNSERVED))


def _put_back(work: Work) -> str:
    work.end_trials()
    work.processes.stop(work.processes.all)
    said = "the databases stayed as they are: the new release changed no schema, and what it took is kept"
    if work.journal.restore:
        kept = snapshots.restore(work.host, work.app, work.journal)
        said = "the databases are as they were"
        said += f"; what the new release had made of them is in {work.journal.kept}" if kept else ""
        snapshots.forget_older(Path(work.journal.kept))
    reached("restored")
    work.point_to(work.journal.old)
    reached("back")
    return said


def _start_old(work: Work, done: list[str]) -> Undone:
    old = work.journal.old
    if not old:
        work.processes.stop([unit for unit in (*work.processes.all, work.processes.socket) if unit])
        work.over()
        return Undone("; ".join([*done, f"{work.app.title} has no release here"]), serving=False)
    work.processes.start([work.processes.gate])
    try:
        work.gate.public()
        done.append(f"{old} serves again")
        serving = True
    except KeptStill:
        done.append(f"{old} is not started here: another host is primary")
        serving = True
    except StationError as why:
        serving = False
        text = (
            f"The deploy of {work.journal.new} was undone, and even the old release {old} is not healthy: {why.message}"
        )
        to_do = f"See `journalctl -u {work.processes.gate}`; the databases are those of before the deploy"
        alert(work.host.paths, work.app.name, text, work.now(), to_do=to_do, unit=work.processes.gate)
        done.append(f"BUT {old} IS NOT HEALTHY: {why.message}")
    work.processes.start([*work.processes.others, *work.journal.started])
    work.over()
    return Undone("; ".join(done), serving)
