"""Reading a Commercial Log: its sheets, its 29 columns, its cells. Knows nothing of the ledger."""
