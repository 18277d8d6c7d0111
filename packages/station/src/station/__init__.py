"""Control Station: runs SQLite-backed Python apps on a pair of small hosts the way a production platform would."""
