"""The monthly summary: months, quarters and customers, counted by label or by air date."""
