"""From `MODULE:ATTRIBUTE` to the application it names."""

import ast
import importlib
import re
from types import ModuleType

from station_kit.errors import BadSetting

_NAME = re.compile(r"(?P<module>[A-Za-z_]\w*(\.\w+)*):(?P<path>[A-Za-z_].*)", re.DOTALL)
_RIGHT = "Write MODULE:ATTRIBUTE, or MODULE:FACTORY() with texts, numbers, lists of them or nothing in the brackets"


def load(name: str) -> object:
    """What `notes.web:app` names, or what `notes.web:create_app("x")` returns. BadSetting when there is no such thing.

    What stands in brackets is plain values and nothing else. An error that the application's own code raises is not
    ours: it comes out as it is.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadSetting(f"{name!r} names no application", _RIGHT)
    try:
        wanted = ast.parse(found["path"], mode="eval").body
    except SyntaxError as why:
        raise BadSetting(f"{name!r} names no application: {why.msg}", _RIGHT) from why
    return _value(wanted, _module(found["module"]))


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as why:
        if why.name is None or not f"{name}.".startswith(f"{why.name}."):
            raise
        hint = "Is it installed in this environment, or a file below the current folder?"
        raise BadSetting(f"There is no module {why.name}", hint) from why


def _value(wanted: ast.expr, module: ModuleType) -> object:
    """Names, attributes and calls, from the inside out."""
    shown = ast.unparse(wanted)
    if isinstance(wanted, ast.Name):
        return _attribute(module, wanted.id, f"the module {module.__name__}")
    if isinstance(wanted, ast.Attribute):
        return _attribute(_value(wanted.value, module), wanted.attr, ast.unparse(wanted.value))
    if not isinstance(wanted, ast.Call):
        raise BadSetting(f"{shown} names no application", _RIGHT)
    called = _value(wanted.func, module)
    try:
        words = [ast.literal_eval(each) for each in wanted.args]
        named = {str(each.arg): ast.literal_eval(each.value) for each in wanted.keywords if each.arg}
    except ValueError as why:
        raise BadSetting(f"{shown} has more in its brackets than plain values", _RIGHT) from why
    if not callable(called):
        raise BadSetting(f"{ast.unparse(wanted.func)} cannot be called: it is a {type(called).__name__}", _RIGHT)
    return called(*words, **named)


def _attribute(of: object, name: str, where: str) -> object:
    try:
        return getattr(of, name)
    except AttributeError as why:
        raise BadSetting(f"There is no {name} in {where}") from why
