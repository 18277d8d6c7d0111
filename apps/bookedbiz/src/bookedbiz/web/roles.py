"""Who may ask for what here: every route says it with one of these, under its `@blueprint.get`."""

from typing import Final

from bookedbiz.users import Role
from station_pages.roles import EVERYBODY, declared, only

__all__ = ["ADMIN", "EVERYBODY", "MANAGEMENT", "SELLING", "SIGNED_IN", "declared", "only"]

SIGNED_IN: Final[frozenset[str]] = frozenset(Role)
ADMIN: Final[frozenset[str]] = frozenset({Role.ADMIN})
MANAGEMENT: Final[frozenset[str]] = frozenset({Role.ADMIN, Role.MANAGEMENT})
SELLING: Final[frozenset[str]] = frozenset({Role.ADMIN, Role.MANAGEMENT, Role.AE})  # an AE with what is theirs alone
