"""Debian hosts booted with systemd on this machine, joined by a network that tests can cut. For tests only."""
