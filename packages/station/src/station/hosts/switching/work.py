"""What every step of a switch has at hand: the app on its host, its units, the gate, and the journal it writes on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from station.clock import Clock, to_text
from station.durable import move_link, sync_folder
from station.errors import StationError
from station.fleet import App, Host
from station.hosts.deploying import release as releases
from station.hosts.rendering.place import Place
from station.hosts.rendering.switch_units import NEXT, permit
from station.hosts.switching import journal as journals
from station.hosts.switching import snapshots
from station.hosts.switching.app_processes import Processes
from station.hosts.switching.faults import reached
from station.hosts.switching.gate import Gate
from station.hosts.switching.journal import Journal, Phase

Tell = Callable[[str], None]


@dataclass
class Work:
    """One switch, from its first line in the journal to its last."""

    place: Place
    now: Clock
    tell: Tell
    journal: Journal
    processes: Processes = field(init=False)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.processes = Processes(self.place)
        self.gate = Gate(self.place, self.processes)

    @property
    def host(self) -> Host:
        return self.place.host

    @property
    def app(self) -> App:
        return self.place.app

    def note(self, phase: Phase, **more: object) -> None:
        """Write down durably what is done next."""
        self.journal = replace(self.journal, phase=phase, **more)  # type: ignore[arg-type]  # fields, by their names
        journals.write(self.host, self.journal)
        reached(phase)

    def point_to(self, name: str, link: str = releases.CURRENT) -> None:
        """Point both links to a release; "" takes them away. StationError when its folders are gone."""
        host, app = self.host, self.app.name
        for folder, target in (
            (host.paths.code(app), releases.code_of(host, app, name)),
            (host.paths.venv(app), releases.venv_of(host, app, name)),
        ):
            if name and not target.is_dir():
                raise StationError(f"The release {name} of {app} is gone: there is no {target}", "`station releases`")
            if name:
                move_link(folder / link, target.relative_to(folder))
            elif folder.is_dir():
                (folder / link).unlink(missing_ok=True)
                sync_folder(folder)

    def permit_trials(self) -> None:
        """Let the units of a deploy run what is to come."""
        self.point_to(self.journal.new, NEXT)
        file = Path(permit(self.host.paths, self.app.name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    def end_trials(self) -> None:
        """End what only a deploy starts, and let none of it start again."""
        self.processes.end_trials()
        Path(permit(self.host.paths, self.app.name)).unlink(missing_ok=True)
        self.point_to("", NEXT)

    def databases_usable(self) -> None:
        """GateFailed when the app's user cannot open one of them."""
        self.gate.databases(list(snapshots.live_files(self.host, self.app).values()))

    def over(self) -> None:
        """Nothing is left to be done: the copies go, and the journal last."""
        self.end_trials()
        snapshots.forget(self.host, self.app.name)
        journals.remove(self.host, self.app.name)
        reached("over")


def begin(place: Place, kind: str, old: str, new: str, now: Clock, tell: Tell) -> Work:
    """Write the journal of a switch; nothing was changed yet."""
    host, app = place.host, place.app
    processes = Processes(place)
    begun_at = to_text(now())
    folder = begun_at.replace(":", "").replace("-", "") + "-failed-deploy"
    journal = Journal(
        app.name,
        kind,
        old,
        new,
        begun_at,
        databases=tuple(name for name, file in snapshots.live_files(host, app).items() if file.exists()),
        started=processes.running([*processes.timers, *processes.loops]),
        kept=str(host.paths.state(app.name) / "replaced" / folder),
    )
    work = Work(place, now, tell, journal)
    work.note(Phase.PREPARING)
    return work
