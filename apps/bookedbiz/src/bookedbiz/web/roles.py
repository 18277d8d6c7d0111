"""Who may ask for what: every route says it with one of these, under its `@blueprint.get`. Undeclared means nobody."""

from collections.abc import Callable
from typing import Final, TypeVar

from bookedbiz.users import Role

_View = TypeVar("_View", bound=Callable[..., object])

EVERYBODY: Final = frozenset[Role]()  # no session is asked for: health, the sign-in page, what has a token of its own
SIGNED_IN: Final = frozenset(Role)
ADMIN: Final = frozenset({Role.ADMIN})
MANAGEMENT: Final = frozenset({Role.ADMIN, Role.MANAGEMENT})
SELLING: Final = frozenset({Role.ADMIN, Role.MANAGEMENT, Role.AE})  # an AE with what is theirs alone
_ATTRIBUTE: Final = "may_be_asked_by"


def only(roles: frozenset[Role]) -> Callable[[_View], _View]:
    """Declare who may ask for a view: `@only(ADMIN)`. Needs a session, unless EVERYBODY may."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, roles)
        return view

    return declare


def declared(view: object) -> frozenset[Role] | None:
    """Who may ask for the view; None when it does not say, which means nobody."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, frozenset) else None
