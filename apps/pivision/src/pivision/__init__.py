"""PiVision: cameras push pictures, it tells visits and changed stock, and it needs no hand."""
