"""The migrations of the database, in order: station_kit.migrations applies what a file lacks."""
