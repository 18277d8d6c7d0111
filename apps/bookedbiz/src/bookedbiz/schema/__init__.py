"""The migrations of the ledger, in order: station_kit.migrations applies what a file lacks."""
