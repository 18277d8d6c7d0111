"""Other ports than the manifest's for one run: given to `station up`, handed to its children in STATION_PORTS."""

from typing import TYPE_CHECKING

from station.errors import ManifestError

if TYPE_CHECKING:
    from station.fleet import Fleet

PORTS_ENV = "STATION_PORTS"


def with_chosen_ports(fleet: "Fleet", chosen: str) -> "Fleet":
    """The fleet with ports like `bookedbiz.web=8010,control=5011`. ManifestError when one cannot be."""
    from station.fleet.ports import with_control_port, with_port  # noqa: PLC0415 - help does without

    for choice in filter(None, chosen.split(",")):
        name, _, number = choice.partition("=")
        app, _, process = name.partition(".")
        if not number.isdigit() or not (process or name == "control"):
            raise ManifestError(
                f"{choice!r} names no port", "Write APP.PROCESS=PORT or control=PORT, for example bookedbiz.web=8010"
            )
        fleet = with_port(fleet, app, process, int(number)) if process else with_control_port(fleet, int(number))
    return fleet
