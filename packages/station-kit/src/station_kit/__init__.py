"""What a SQLite-backed app brings to be hosted by Control Station. Standard library only."""
