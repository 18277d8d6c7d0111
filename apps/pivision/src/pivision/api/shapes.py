"""JSON schemas made of Python's types, for what is asked and what is answered. Pure."""

import types
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import EnumMeta
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from pivision.config import RANGES

Schema = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """What a value has to be besides its type, in the words of JSON schema."""

    said: tuple[tuple[str, object], ...]


def its(**said: object) -> Rules:
    """`Annotated[int, its(minimum=1)]`."""
    return Rules(tuple(said.items()))


Moment = Annotated[str, its(format="date-time"), "UTC, with milliseconds"]

_PLAIN: dict[Any, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", Any: "", object: "",
}  # fmt: skip


class Shapes:
    """Schemas by type; those with a name are kept in `components`, and referred to.

    `closed`: an object has no fields but these. What is asked is read so; an answer may have more in a later release.
    """

    def __init__(self, *, closed: bool = False) -> None:
        self._closed = closed
        self.components: dict[str, Schema] = {}
        self._named_so: dict[str, Any] = {}
        self._makers: dict[object, Callable[[Sequence[Any]], Schema]] = {
            Annotated: self._annotated,
            NotRequired: lambda args: self.of(args[0]),
            Literal: _literal,
            Union: self._either,
            types.UnionType: self._either,
            tuple: lambda args: _tuple(self.of(args[0]), args),
            list: lambda args: {"type": "array", "items": self.of(args[0])},
            dict: lambda args: {"type": "object", "additionalProperties": self.of(args[1])},
        }

    def of(self, kind: Any) -> Schema:
        """The type's schema. TypeError for one that JSON has nothing for."""
        make = self._makers.get(get_origin(kind))
        if make is not None:
            return make(get_args(kind))
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]} if _PLAIN[kind] else {}
        if isinstance(kind, EnumMeta):
            return _literal([each.value for each in kind])  # type: ignore[var-annotated]  # of text, all of them
        return self._named(kind)

    def _annotated(self, args: Sequence[Any]) -> Schema:
        found = self.of(args[0])
        for more in args[1:]:
            found |= {"description": more} if isinstance(more, str) else _listed(more)
        return found

    def _either(self, args: Sequence[Any]) -> Schema:
        found = [self.of(each) for each in args]
        if all(set(each) == {"type"} for each in found):
            return {"type": [each["type"] for each in found]}
        return {"anyOf": found}

    def _named(self, kind: Any) -> Schema:
        if not is_typeddict(kind) and not is_dataclass(kind):
            raise TypeError(f"{kind} has no JSON")
        name = kind.__name__
        if self._named_so.setdefault(name, kind) is not kind:
            raise TypeError(f"Two types are named {name}: {self._named_so[name].__module__} and {kind.__module__}")
        if name not in self.components:
            self.components[name] = {}  # first, for a type that holds itself
            self.components[name] = self._object(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, kind: Any) -> Schema:
        hints = get_type_hints(kind, include_extras=True)
        found: Schema = {"type": "object", "description": " ".join((kind.__doc__ or "").split())}
        found["properties"] = {name: self.of(hint) for name, hint in hints.items()}
        if is_dataclass(kind):
            required = [each.name for each in fields(kind) if each.default is MISSING]
            _add_defaults(found["properties"], kind)
        else:
            required = [name for name in hints if name in kind.__required_keys__]
        if required:
            found["required"] = required
        return {**found, "additionalProperties": False} if self._closed else found


def _tuple(each: Schema, args: Sequence[Any]) -> Schema:
    size = {} if args[-1] is Ellipsis else {"minItems": len(args), "maxItems": len(args)}
    return {"type": "array", "items": each, **size}


def _add_defaults(properties: dict[str, Schema], kind: Any) -> None:
    """And the bounds, where a configuration has them."""
    for each in fields(kind):
        if each.default not in (MISSING, None):
            properties[each.name]["default"] = each.default
        if each.name in RANGES:
            least, most = RANGES[each.name]
            properties[each.name] |= {"minimum": least, "maximum": most}


def _listed(rules: Rules) -> Schema:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in rules.said}


def _literal(values: Sequence[Any]) -> Schema:
    kinds = sorted({_PLAIN[type(each)] for each in values})
    if len(values) == 1:
        return {"type": kinds[0], "const": values[0]}
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": list(values)}
