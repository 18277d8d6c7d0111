"""The pictures of events: kept, shown, removed in time."""
