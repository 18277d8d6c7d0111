"""Takes work from the queue, asks `vision`, writes events."""
