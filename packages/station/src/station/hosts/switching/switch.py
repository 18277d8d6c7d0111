"""From a release that is ready on the disk to one that serves, healthy; or back to how it was, code and databases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from station.clock import Clock
from station.errors import GateFailed, StationError
from station.hosts.alerts import alert
from station.hosts.deploying import release as releases
from station.hosts.deploying.release import Release
from station.hosts.rendering.place import Place
from station.hosts.switching.held import switch_held
from station.hosts.switching.journal import Phase
from station.hosts.switching.overlap import switch_overlap
from station.hosts.switching.undoing import undo
from station.hosts.switching.work import Work, begin

HELD, OVERLAP, LINKS = "held", "overlap", "links"


@dataclass(frozen=True)
class Switched:
    """What was done. `old` is "" at the first deploy. `silent_s`: how long nobody was served; requests waited, or were
    refused by an app without `socket`. `kind`: held, overlap, or links where no process runs."""

    old: str
    new: str
    kind: str
    silent_s: float


def switch(
    place: Place,
    new: Release,
    *,
    take_point: Callable[[], str],
    now: Clock,
    tell: Callable[[str], None],
    is_primary: bool = True,
) -> Switched:
    """Bring `new` to serve. The caller holds the lock of the app's deploys.

    GateFailed when it does not become healthy, with the reason, what was put back, and the app's last log lines; any
    other StationError says that it could not be tried. In every case the old release serves as before, unless the
    message says otherwise. `take_point` may raise a StationError: then the local copy is the guarantee.
    """
    if not is_primary:
        before = _before(place)
        _move_links(begin(place, LINKS, before, new.id, now, tell))
        return Switched(before, new.id, LINKS, 0.0)
    return _serve(place, new, None, take_point, now, tell)


def switch_back(
    place: Place,
    earlier: Release,
    databases: Mapping[str, Path],
    *,
    take_point: Callable[[], str],
    now: Clock,
    tell: Callable[[str], None],
) -> Switched:
    """As `switch`, to a release that was there before: it migrates nothing, and `databases` take the place of ours."""
    return _serve(place, earlier, databases, take_point, now, tell)


def _serve(
    place: Place,
    new: Release,
    back: Mapping[str, Path] | None,
    take_point: Callable[[], str],
    now: Clock,
    tell: Callable[[str], None],
) -> Switched:
    before = _before(place)
    kind = OVERLAP if place.app.deploy.switch == OVERLAP and before and not back else HELD
    if kind == HELD and not place.app.gate.socket:
        tell(f"{place.app.title} takes no socket from systemd: requests are refused until the new release serves")
    work = begin(place, kind, before, new.id, now, tell)
    silent_s = 0.0
    try:
        if kind == HELD:
            silent_s = switch_held(work, lambda: _point(take_point, tell), back)
        else:
            _point(take_point, tell)
            switch_overlap(work)
    except BaseException as why:  # noqa: BLE001 - Ctrl-C, too, leaves nothing in between; it is raised again
        _back(work, why)
    work.over()
    return Switched(before, new.id, kind, silent_s)


def _before(place: Place) -> str:
    """The release that is current, "" when there is none."""
    old = releases.current(place.host, place.app.name)
    return "" if old is None else old.id


def _point(take_point: Callable[[], str], tell: Callable[[str], None]) -> None:
    try:
        tell(f"restore point taken: {take_point()}")
    except StationError as why:
        tell(f"no restore point taken ({why.message}); the copy on this host is the way back")


def _move_links(work: Work) -> None:
    work.note(Phase.PROVEN)
    work.point_to(work.journal.new)
    work.over()


def _back(work: Work, why: BaseException) -> NoReturn:
    """Undo it and raise why, with what was done about it."""
    said = why.message if isinstance(why, StationError) else f"{type(why).__name__} {why}".strip()
    untouched = work.journal.phase is Phase.PREPARING
    try:
        undone = undo(work, said.partition("\n")[0])
    except StationError as stuck:
        text = f"The deploy of {work.journal.new} failed and could not be undone: {stuck.message}"
        alert(work.host.paths, work.app.name, text, work.now(), to_do=f"`station recover {work.app.name}`")
        hint = f"Nothing of the app starts until `station recover {work.app.name}` has ended it"
        raise StationError(f"{text}\nIt failed because: {said}", hint) from why
    if not isinstance(why, StationError) or (untouched and not isinstance(why, GateFailed) and undone.serving):
        raise why
    reason, _, lines = said.partition("\n")
    message = f"{work.journal.new} was not deployed: {reason.removesuffix('.')}; {undone.text}" + (
        f"\n{lines}" if lines else ""
    )
    raise GateFailed(message, why.hint) from why
