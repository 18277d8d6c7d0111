"""One mistake of a manifest as a value and as a line; what pydantic finds, in the words of the key's model. Pure."""

import difflib
import json
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from station.fleet.keys import Table

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """What is wrong at one key of one file, and what would be right."""

    file: str
    key: Key
    wrong: str
    right: str = ""

    @property
    def line(self) -> str:
        where = f"{self.file}: {key_path(self.key)}" if self.key else self.file
        return f"{where}: {self.wrong}" + (f"; {self.right}" if self.right else "")


def key_path(key: Key) -> str:
    """The key as one writes it in TOML: `apps.bookedbiz.standby[0]`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{_quoted_if_needed(part)}"
    return text


def shown(value: object) -> str:
    """A value as one writes it in TOML, shortened."""
    if isinstance(value, dict):
        return "a table"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def suggestion(given: str, known: Iterable[str], what: str) -> str:
    """`did you mean "x"?` when one is near, else what there is to choose from."""
    names = list(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"{what} {', '.join(names)}" if names else ""


def must_exist(file: str, key: Key, name: str, known: list[str], what: str) -> Iterator[Mistake]:
    """A mistake when `name` is not known. `what` is the thing, and after a | where: `command|in app.toml`."""
    if name not in known:
        thing, _, where = what.partition("|")
        right = suggestion(name, known, "there is" if len(known) == 1 else "there are") or "there is none at all"
        yield Mistake(file, key, f'there is no {thing} "{name}"{where and f" {where}"}', right)


def mistakes_of(model: type[Table], raw: Mapping[str, Any], file: str) -> list[Mistake]:
    """What is wrong with each key of the file by itself; empty when `model` takes `raw`."""
    try:
        model.model_validate(raw)
    except ValidationError as found:
        return [_mistake(model, error, file) for error in found.errors(include_url=False, include_context=False)]
    return []


def _mistake(model: type[Table], error: ErrorDetails, file: str) -> Mistake:
    location = error["loc"]
    if location and location[-1] == "[key]":
        field, _ = _declared(model, location[:-2])
        return Mistake(file, location[:-1], "is no name to use here", f"must be {extra(field, 'names')}")
    if error["type"] == "extra_forbidden":
        table = table_of(_declared(model, location[:-1])[1]) or model
        known = keys_of(table)
        return Mistake(
            file, location, "there is no such key", suggestion(str(location[-1]), known, "the keys here are")
        )
    field, annotation = _declared(model, location)
    right = f"must be {_must(field, annotation)}"
    if error["type"] != "missing":
        return Mistake(file, location, f"is {shown(error['input'])}", right)
    example = extra(field, "example")
    return Mistake(file, location, "is missing", right + (f", for example {example}" if example else ""))


def _must(field: FieldInfo, annotation: Any) -> str:
    """What the value must be: a table where a table is declared, else in the key's own words."""
    table = table_of(annotation)
    return f"a table with the keys {', '.join(keys_of(table))}" if table else extra(field, "must")


def _declared(model: type[Table], location: Key) -> tuple[FieldInfo, Any]:
    """The last declared key on the way to `location`, and the type of what lies there."""
    field = FieldInfo(annotation=model)
    annotation: Any = model
    for part in location:
        table = table_of(annotation)
        if table is not None:
            field = keys_of(table)[str(part)]
            annotation = field.annotation
        else:  # a name of the user's, or a place in a list
            annotation = get_args(bare(annotation))[-1]
    return field, annotation


def keys_of(table: type[Table]) -> dict[str, FieldInfo]:
    """The keys of a table as they are written."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def table_of(annotation: Any) -> type[Table] | None:
    """The table that an annotation stands for, if it does."""
    plain = bare(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, Table) else None


def bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return bare(next(one for one in get_args(annotation) if one is not types.NoneType))
    return annotation


def extra(field: FieldInfo, name: str) -> str:
    """`must`, `example` or `names` of a declared key."""
    more = field.json_schema_extra
    return str(more.get(name, "")) if isinstance(more, dict) else ""


def _quoted_if_needed(part: str) -> str:
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
