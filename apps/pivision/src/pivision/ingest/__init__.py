"""Pictures come in: read, checked, made durable, acknowledged."""
