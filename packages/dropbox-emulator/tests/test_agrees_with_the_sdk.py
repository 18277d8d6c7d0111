"""The routes are those that the official SDK calls: same arguments, same hosts, same permissions."""

import inspect
import re

import pytest
from dropbox import base, check, files, users

from dropbox_emulator.routes import ROUTES

MODULES = {"files": files, "users": users, "check": check}


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_takes_what_the_sdk_sends(name: str) -> None:
    space, _, rest = name.partition("/")
    ours, theirs = ROUTES[name], getattr(MODULES[space], rest.replace("/", "_"))
    definition = getattr(theirs.arg_type, "definition", None)
    wanted = set(getattr(definition, "_all_field_names_", ()))
    assert set(inspect.getclosurevars(ours.arg).nonlocals.get("fields", {})) == wanted
    assert (ours.style, ours.host) == (theirs.attrs["style"] or "rpc", theirs.attrs["host"] or "api")
    about = inspect.getdoc(getattr(base.DropboxBase, name.replace("/", "_"))) or ""
    assert re.findall(r"scope: (\S+)", about) == ([ours.scope] if ours.scope else [])
