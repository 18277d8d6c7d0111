"""The events' SQL by name."""

from station_kit.statements import load

SQL = load("pivision.events")
