"""The work that waits, in SQLite: leases, retries, dead letters, order per device."""
