"""A deploy without what comes before the switch: `deploy.py RELEASE`, the release being there. Prints what is told."""

import sys
from pathlib import Path

from station.clock import utc_now
from station.errors import StationError
from station.fleet import load_fleet
from station.hosts.deploying.release import read
from station.hosts.rendering.place import Place
from station.hosts.switching import journal
from station.hosts.switching.recovering import recover
from station.hosts.switching.switch import switch

fleet = load_fleet(Path("/etc/station/fleet.toml").resolve())
host = fleet.hosts[Path("/etc/station/host").read_text().strip()]
place = Place(fleet, host, fleet.apps["counter"])


def no_point() -> str:
    raise StationError("there is no agent")


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


try:
    if sys.argv[1] == "recover":
        tell(recover(fleet, host, "counter", now=utc_now, tell=tell))
    else:
        with journal.holding(host, "counter", "Deploy"):
            new = read(host, "counter", sys.argv[1])
            assert new is not None
            tell(str(switch(place, new, take_point=no_point, now=utc_now, tell=tell)))
except StationError as why:
    tell(f"{type(why).__name__}: {why.message}")
    sys.exit(why.exit_code)
