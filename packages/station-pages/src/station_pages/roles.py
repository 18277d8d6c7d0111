"""Who may ask for what: every route says it with `@only(…)`, under its `@blueprint.get`. Undeclared means nobody."""

from collections.abc import Callable
from typing import Final, TypeVar

_View = TypeVar("_View", bound=Callable[..., object])

EVERYBODY: Final[frozenset[str]] = frozenset()  # no session is asked for: health, sign-in, what has a token of its own
_ATTRIBUTE: Final = "may_be_asked_by"


def only(roles: frozenset[str]) -> Callable[[_View], _View]:
    """Declare who may ask for a view. Needs a session, unless EVERYBODY may."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, roles)
        return view

    return declare


def declared(view: object) -> frozenset[str] | None:
    """Who may ask for the view; None when it does not say, which means nobody."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, frozenset) else None
