"""The manifest, typed and checked, and where a host keeps its files. Knows nothing of the other floors."""

from station.fleet.commandwords import filled
from station.fleet.environment import app_environment
from station.fleet.loading import load_fleet
from station.fleet.machine import Datasette, Deploy, Dev, Files, Job, Mount, Source, Team
from station.fleet.model import (
    App,
    Control,
    Daily,
    Fleet,
    Health,
    Host,
    Keep,
    Litestream,
    Points,
    Process,
    StoreSpec,
)
from station.fleet.paths import Database, HostPaths
from station.fleet.ports import claimed_ports, with_control_port, with_port

__all__ = [
    "App",
    "Control",
    "Daily",
    "Database",
    "Datasette",
    "Deploy",
    "Dev",
    "Files",
    "Fleet",
    "Health",
    "Host",
    "HostPaths",
    "Job",
    "Keep",
    "Litestream",
    "Mount",
    "Points",
    "Process",
    "Source",
    "StoreSpec",
    "Team",
    "app_environment",
    "claimed_ports",
    "filled",
    "load_fleet",
    "with_control_port",
    "with_port",
]
