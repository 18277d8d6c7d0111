"""From `MODULE:ATTRIBUTE` to the application it names."""

import importlib
import re
from functools import reduce

from station_kit.errors import BadSetting

_NAME = re.compile(r"(?P<module>[A-Za-z_]\w*(\.\w+)*):(?P<path>[A-Za-z_]\w*(\.\w+)*)(?P<call>\(\))?")


def load(name: str) -> object:
    """What `notes.web:app` names, or what `notes.web:create_app()` returns. BadSetting when there is no such thing.

    An error that the application's own code raises is not ours: it comes out as it is.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadSetting(f"{name!r} names no application", "Write MODULE:ATTRIBUTE or MODULE:FACTORY()")
    module_name, path = found["module"], found["path"]
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as why:
        if why.name is None or not f"{module_name}.".startswith(f"{why.name}."):
            raise
        hint = "Is it installed in this environment, or a file below the current folder?"
        raise BadSetting(f"There is no module {why.name}", hint) from why
    try:
        loaded: object = reduce(getattr, path.split("."), module)
    except AttributeError as why:
        raise BadSetting(f"There is no {path} in the module {module_name}") from why
    if not found["call"]:
        return loaded
    if not callable(loaded):
        raise BadSetting(f"{module_name}:{path} cannot be called: it is a {type(loaded).__name__}", "Leave out the ()")
    return loaded()
