"""What a hosted app's tests need: a real database, the app as a real process, and the contract as one assertion."""

from station_kit.testing.hostable import assert_hostable
from station_kit.testing.running import AppDidNotStart, RunningApp, free_port, running_app
from station_kit.testing.temporary import temporary_database

__all__ = ["AppDidNotStart", "RunningApp", "assert_hostable", "free_port", "running_app", "temporary_database"]
