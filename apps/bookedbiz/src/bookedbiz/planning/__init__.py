"""Planning: budget and forecast by entity and month, beside what is booked, with every change kept."""
