"""`station up`: the whole fleet in the foreground, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from station.cli.console import say
from station.cli.ports import PORTS_ENV, with_chosen_ports
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.cluster.instance import only_instance
from station.cluster.lease import Lease
from station.cluster.roles import read_epoch
from station.errors import Refused, StoreError
from station.fleet import App, Fleet, StoreSpec
from station.fleet.addresses import address
from station.hosts.first_run import first_run, needs_first_run
from station.hosts.ports import require_free
from station.hosts.secrets import ensure_secrets
from station.hosts.sign_in import CONTROL, CONTROL_SECRETS, PASSWORD, sign_in_file, state_root, write_sign_in
from station.hosts.supervisor import POLL_S, Launch, Say, Supervisor, child_environment, folders_of
from station.hosts.units import Programs
from station.stores.cipher import cipher_of
from station.stores.directory import DirectoryStore
from station.stores.extras import require_lease_holder
from station.stores.opening import open_store
from station.stores.store import MARKER

INTERRUPTED = 130


@click.command(help="Run the whole fleet here, in the foreground.")
@click.option(
    "--port", "ports", multiple=True, metavar="NAME=PORT", help="Another port: bookedbiz.web=8010, control=5011."
)
@click.option("--quiet", is_flag=True, help="Tell only where things run.")
@click.option("--new-store", is_flag=True, help="Set up a store anew that is gone for good.")
@pass_session
def up(session: Session, ports: tuple[str, ...], quiet: bool, new_store: bool) -> int:
    chosen = ",".join(ports) or os.environ.get(PORTS_ENV, "")
    fleet = with_chosen_ports(session.fleet, chosen)
    _require_folders(fleet)
    programs = Programs.of(Path(sys.executable), os.environ)
    tell: Say = (lambda text: None) if quiet else say
    state_root(fleet).mkdir(parents=True, exist_ok=True)
    with only_instance(state_root(fleet) / "up.lock", f"The fleet {fleet.name}"):
        require_free(_ports(fleet))
        _prepare_stores(fleet, tell, may_be_new=new_store)
        _prepare(fleet, programs, tell)
        launch = Launch(programs, child_environment(dict(os.environ), chosen))
        return _run(fleet, Supervisor(fleet, launch, utc_now, tell), tell)


def _require_folders(fleet: Fleet) -> None:
    """Refused when a host is a machine: it has systemd, and files of its own that are not ours to write from here."""
    machine = next((host for host in fleet.hosts.values() if host.address), None)
    if machine is not None:
        raise Refused(
            f"Not started here: {machine.name} is a machine ({machine.address}), and `station up` runs folder hosts",
            f"`station plan {machine.name}` shows what that machine should have",
        )


def _ports(fleet: Fleet) -> dict[str, int]:
    """Every port of the fleet under the name that `--port` knows."""
    return {"control": fleet.control.port} | {
        f"{app.name}.{process.name}": process.port
        for app in fleet.apps.values()
        for process in app.processes.values()
        if process.port is not None
    }


def _prepare(fleet: Fleet, programs: Programs, tell: Say) -> None:
    """Make what is missing: folders, secrets, the first database. What is there stays as it is."""
    for host in fleet.hosts.values():
        host.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # everything an app knows is below it
    for folder in folders_of(fleet):
        folder.mkdir(parents=True, exist_ok=True)
    for host in fleet.hosts.values():
        host.paths.run.chmod(0o700)
    for app in fleet.apps.values():
        ensure_secrets([fleet.hosts[host].paths.credentials(app.name) for host in app.hosts], app.secrets)
    ensure_secrets([fleet.hosts[fleet.control.host].paths.credentials(CONTROL)], CONTROL_SECRETS)
    write_sign_in(fleet)
    for app in fleet.apps.values():
        host = fleet.hosts[app.primary]
        if needs_first_run(app, host) and Lease(open_store(fleet.stores[app.stores[0]]), app.name).current() is None:
            tell(f"first start: filling {app.name} on {host.name}")
            first_run(app, host, programs, tell)


def _prepare_stores(fleet: Fleet, tell: Say, *, may_be_new: bool) -> None:
    """Set every store up. A failure is only told when the store holds no lease and the fleet ran before."""
    first_of = {app.stores[0]: app.name for app in fleet.apps.values()}
    for spec in fleet.stores.values():
        try:
            if not may_be_new:
                _require_known(fleet, spec)
            store = open_store(spec)
            store.initialise()
            if spec.name in first_of:
                require_lease_holder(store, first_of[spec.name])
            if (cipher := cipher_of(store)) is not None:
                cipher.identities()
        except StoreError as why:
            if spec.name in first_of or not _ran(fleet, spec.name):
                raise
            tell(f"{spec.name} gets no restore points until this is mended: {why.message}")


def _require_known(fleet: Fleet, spec: StoreSpec) -> None:
    """StoreError when a fleet that ran before misses the store's folder: a disk that is not mounted looks like that."""
    if spec.kind == "directory" and _ran(fleet, spec.name) and not DirectoryStore(spec.name, Path(spec.path)).is_there:
        raise StoreError(
            f"The store {spec.name} was at {spec.path} and is not there now (no {MARKER} in it)",
            "Is the disk mounted? If it is gone for good: `station up --new-store` begins another",
        )


def _ran(fleet: Fleet, store: str) -> bool:
    """Whether an app that uses the store has run here before."""
    apps = [app for app in fleet.apps.values() if store in app.stores]
    return any(read_epoch(fleet.hosts[host].paths.state(app.name)) for app in apps for host in app.hosts)


def _run(fleet: Fleet, supervisor: Supervisor, tell: Say) -> int:
    """Start, wait until everything is healthy, say where it runs, stay until told to end, end everything."""
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, frame: ended.append(got))
    is_ended: Callable[[], bool] = lambda: bool(ended)  # noqa: E731
    try:
        supervisor.start()
        supervisor.wait_until_ready(is_ended)
        if not ended:
            click.echo("\n".join(_where(fleet)))
        while not ended:
            supervisor.watch()
            time.sleep(POLL_S)
    finally:
        tell("stopping everything that was started here")
        supervisor.end()
        tell("stopped")
    return INTERRUPTED if ended[0] == signal.SIGINT else 0


def _where(fleet: Fleet) -> list[str]:
    """What runs where, in three lines (one more per further app)."""
    lines = [
        f"{app.title} runs on {_primary(fleet, app)}: {address(app.bind, app.gate.port)}"
        + (f"  (sign in as {_shown(sign_in_file(fleet))} says)" if PASSWORD in app.secrets else "")
        for app in fleet.apps.values()
    ]
    control = fleet.control
    lines.append(f"Control Station runs on {control.host}: {address(control.bind, control.port)}")
    points = [
        f"{app.name} every {app.points.every_s:g} s to {_places(fleet, app)}, "
        f"mirrored by {' and '.join(host for host in app.hosts if host != _primary(fleet, app)) or 'nobody'}"
        for app in fleet.apps.values()
    ]
    return [*lines, f"Restore points: {'; '.join(points)}. Ctrl-C ends everything"]


def _places(fleet: Fleet, app: App) -> str:
    """The first store's folder or name, and how many there are besides."""
    first, more = fleet.stores[app.stores[0]], len(app.stores) - 1
    place = _shown(first.path) if first.kind == "directory" else first.name
    return f"{place} and {more} other {'store' if more == 1 else 'stores'}" if more else place


def _primary(fleet: Fleet, app: App) -> str:
    holding = Lease(open_store(fleet.stores[app.stores[0]]), app.name).current()
    return holding.holder if holding else app.primary


def _shown(path: Path) -> str:
    """The path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
