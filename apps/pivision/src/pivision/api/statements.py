"""The API's SQL by name."""

from station_kit.statements import load

SQL = load("pivision.api")
