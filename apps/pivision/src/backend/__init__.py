"""The two processes by their older names: `python -m backend.server`, `python -m backend.worker`."""
