"""Values held against a JSON schema: what is told of a request is what is checked. Pure."""

import re
from collections.abc import Mapping

from pivision.api.shapes import Schema
from pivision.ingest.refusals import Refusal, bad_field

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "null": (type(None),),
    "array": (list,), "object": (dict,),
}  # fmt: skip
_WORDS = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null",
    "array": "a list", "object": "an object",
}  # fmt: skip


def read(schema: Schema, value: object, components: Mapping[str, Schema], where: str = "") -> None:
    """The value is of that schema. Refusal (400) names the field that is not."""
    if "$ref" in schema:
        read(components[schema["$ref"].rpartition("/")[2]], value, components, where)
        return
    if "anyOf" in schema:
        _read_either(schema["anyOf"], value, components, where)
        return
    _read_plain(schema, value, where)
    if isinstance(value, list):
        for number, each in enumerate(value):
            read(schema.get("items", {}), each, components, f"{where}[{number}]")
    elif isinstance(value, dict):
        _read_object(schema, value, components, where)


def _read_either(schemas: list[Schema], value: object, components: Mapping[str, Schema], where: str) -> None:
    for number, each in enumerate(schemas):
        try:
            read(each, value, components, where)
            return
        except Refusal:
            if number == len(schemas) - 1:
                raise


def _read_plain(schema: Schema, value: object, where: str) -> None:
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if kinds and not any(_is(value, kind) for kind in kinds):
        raise _wrong(where, " or ".join(_WORDS[kind] for kind in kinds))
    if "enum" in schema and value not in schema["enum"]:
        raise _wrong(where, f"one of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, str):
        _read_text(schema, value, where)
    elif isinstance(value, int | float):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            raise _wrong(where, f"from {least:g} to {most:g}")


def _read_text(schema: Schema, value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as why:  # half of a character, which JSON can say
        raise _wrong(where, "text") from why
    if len(value) > schema.get("maxLength", len(value)):
        raise _wrong(where, f"at most {schema['maxLength']} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise _wrong(where, f"of the form {schema['pattern']}")


def _read_object(schema: Schema, value: dict[str, object], components: Mapping[str, Schema], where: str) -> None:
    properties, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            raise Refusal(400, "missing_field", f"{_joined(where, name)} is missing")
    for name, each in value.items():
        if name in properties:
            read(properties[name], each, components, _joined(where, name))
        elif other is False:
            raise Refusal(400, "bad_field", f"There is no {_joined(where, name[:64])} here")
        elif isinstance(other, dict):
            read(other, each, components, _joined(where, name))


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _wrong(where: str, wanted: str) -> Refusal:
    return bad_field(where or "The body", wanted)
