"""Notices: what the station is told of imports, checks and the day's changes; by ntfy, a webhook or mail."""
