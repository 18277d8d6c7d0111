"""Who may ask for what here."""

from typing import Final

from pivision.users import Role
from station_pages.roles import EVERYBODY, only

__all__ = ["ADMIN", "EVERYBODY", "SIGNED_IN", "only"]

SIGNED_IN: Final[frozenset[str]] = frozenset(Role)
ADMIN: Final[frozenset[str]] = frozenset({Role.ADMIN})
