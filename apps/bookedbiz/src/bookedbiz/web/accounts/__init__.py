"""Accounts on the web: my accounts, one account, signals, address book, the manager's page, and all changes."""

from bookedbiz.web.accounts import addresses, changes, contacts, lists, settings, team  # their routes
from bookedbiz.web.accounts.shared import blueprint

__all__ = ["addresses", "blueprint", "changes", "contacts", "lists", "settings", "team"]
