"""What changed: booked, cancelled, repriced and moved, of an import or between two days; and the day in one line."""
