"""The SQL of telling others, by name."""

from station_kit.statements import load

SQL = load("pivision.telling")
