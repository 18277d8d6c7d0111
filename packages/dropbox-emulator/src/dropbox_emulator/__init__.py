"""Dropbox on this machine, for tests. Nothing that is shipped imports it."""
