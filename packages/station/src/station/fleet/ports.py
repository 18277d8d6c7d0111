"""Another port than the manifest's, for one run. Pure: gives a new fleet, checked again."""

from dataclasses import replace

from station.errors import ManifestError
from station.fleet.model import Fleet


def with_port(fleet: Fleet, app: str, process: str, port: int) -> Fleet:
    """The fleet with that process on another port. ManifestError when there is none such or the port is taken."""
    found = fleet.apps.get(app)
    if found is None or process not in found.processes or found.processes[process].port is None:
        having = [
            f"{name}.{web.name}" for name, one in fleet.apps.items() for web in one.processes.values() if web.port
        ]
        raise ManifestError(
            f"No other port given: {app} has no process {process} with a port",
            f"There are: {', '.join([*having, 'control'])}",
        )
    processes = {**found.processes, process: replace(found.processes[process], port=port)}
    changed = replace(fleet, apps={**fleet.apps, app: replace(found, processes=processes)})
    _require_free(fleet, f"{app} {process}", port)
    return changed


def with_control_port(fleet: Fleet, port: int) -> Fleet:
    """The fleet with the Control Station page on another port. ManifestError when the port is taken."""
    _require_free(fleet, "control", port)
    return replace(fleet, control=replace(fleet.control, port=port))


def claimed_ports(fleet: Fleet) -> dict[str, int]:
    """Every port of the fleet by who claims it: `control`, or app and process."""
    claimed = {"control": fleet.control.port}
    for app in fleet.apps.values():
        for process in app.processes.values():
            if process.port is not None:
                claimed[f"{app.name} {process.name}"] = process.port
    return claimed


def _require_free(fleet: Fleet, claimant: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise ManifestError(f"No other port given: {port} is no port", "Take a number from 1 to 65535")
    for other, taken in claimed_ports(fleet).items():
        if taken == port and other != claimant:
            raise ManifestError(f"{claimant} cannot have port {port}: {other} has it", "Choose another number")
