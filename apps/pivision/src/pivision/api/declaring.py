"""A route and its declaration in one: what is asked and answered is read from the view's types, and told from them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, TypeVar, get_type_hints

from flask import Blueprint, Response, jsonify, request

from pivision.api.reading import read
from pivision.api.shapes import Schema, Shapes
from pivision.ingest.refusals import Refusal, bad_field
from station_pages.roles import only

_View = TypeVar("_View", bound=Callable[..., object])


class Problem(TypedDict):
    """Why a request was not served: a sentence for people, a word for programs."""

    ok: Literal[False]
    error: str
    code: str


class Refused(Refusal):
    """A refusal that says more than why."""

    def __init__(self, status: int, code: str, error: str, **more: object) -> None:
        super().__init__(status, code, error)
        self.more = more


@dataclass(frozen=True)
class Operation:
    """One method at one address, as the document tells it. `media`: what is answered when it is no JSON."""

    name: str
    method: str
    address: str  # as Flask writes it
    who: frozenset[str] | None  # None: a camera, with its key
    words: str
    answer: object
    status: int = 200
    media: str = ""
    asks: object = None
    bodies: Mapping[str, object] = field(default_factory=dict)  # by content type: a type, or a schema as it is
    places: Mapping[str, object] = field(default_factory=dict)  # the variables of the address
    refuses: Mapping[int, object] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    tagged: bool = False
    group: str = ""


@dataclass(frozen=True)
class How:
    """What a view's types do not say. `tag`: what an answer's ETag is made of; only a GET has one."""

    status: int = 200
    media: str = ""
    refuses: Mapping[int, object] = field(default_factory=dict)
    tag: Callable[[Any], str] | None = None
    is_tagged: bool = False  # by itself, as a file is


class Api:
    """Routes of one blueprint. `asked` of a view is read from the address, `body` from the JSON that was sent."""

    def __init__(self, name: str, prefix: str, group: str) -> None:
        self.blueprint = Blueprint(name, __name__, url_prefix=prefix)
        self.operations: list[Operation] = []
        self._group = group

    def on(
        self,
        methods: str,
        address: str,
        who: frozenset[str],
        how: How = How(),
    ) -> Callable[[_View], _View]:
        """Answer these methods there with the view, for those who may."""

        def declare(view: _View) -> _View:
            hints = get_type_hints(view, include_extras=True)
            answer, asks, body = hints.pop("return"), hints.pop("asked", None), hints.pop("body", None)
            served = _served(view, _Reader(asks), _Reader(body), how)
            name = view.__name__
            self.blueprint.add_url_rule(address, name, only(who)(served), methods=methods.split())
            words = inspect.getdoc(view) or ""
            for method in methods.split():
                self.operations.append(
                    Operation(
                        name=f"{self.blueprint.name}_{name}" + ("" if method == methods else f"_{method.lower()}"),
                        method=method,
                        address=f"{self.blueprint.url_prefix}{address}",
                        who=who,
                        words=words,
                        answer=answer,
                        status=how.status,
                        media=how.media,
                        asks=asks,
                        bodies={"application/json": body} if body else {},
                        places=hints,
                        refuses=how.refuses,
                        tagged=how.is_tagged or how.tag is not None,
                        group=self._group,
                    )
                )
            return view

        return declare


class _Reader:
    """Reads values of one type."""

    def __init__(self, kind: object) -> None:
        shapes = Shapes(closed=True)
        self.schema = shapes.of(kind) if kind else None
        self._components = shapes.components

    def body(self) -> object:
        assert self.schema is not None
        try:
            found = request.get_json(silent=True)
            if isinstance(found, dict):
                read(self.schema, found, self._components)
                return found
        except RecursionError as why:
            raise Refusal(400, "bad_json", "The body is nested too deeply") from why
        raise Refusal(400, "bad_json", "The body is no JSON object, or says not that it is application/json")

    def asked(self) -> dict[str, object]:
        """Each once: two answers to one question would leave one out. Refusal (400)."""
        assert self.schema is not None
        known = self._components[self.schema["$ref"].rpartition("/")[2]]["properties"]
        found: dict[str, object] = {}
        for name, texts in request.args.lists():
            if name not in known:
                raise Refusal(400, "bad_field", f"There is no {name[:64]} to ask for: there are {', '.join(known)}")
            if len(texts) > 1:
                raise bad_field(name, "there once")
            found[name] = _value(name, texts[0], known[name])
        read(self.schema, found, self._components)
        return found


def _value(name: str, text: str, schema: Schema) -> object:
    if schema["type"] == "boolean":
        if text not in ("true", "false", "1", "0"):
            raise bad_field(name, "true or false")
        return text in ("true", "1")
    if schema["type"] == "integer":
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise bad_field(name, "a whole number")
        return int(text)
    return text


def _served(view: Callable[..., object], asks: _Reader, body: _Reader, how: How) -> Callable[..., Response]:
    def serve(**values: object) -> Response:
        if asks.schema:
            values["asked"] = asks.asked()
        if body.schema:
            values["body"] = body.body()
        found = view(**values)
        if isinstance(found, Response):
            return found
        answer = jsonify(found)
        answer.status_code = how.status
        if how.tag is not None:
            answer.set_etag(how.tag(found), weak=True)
            answer.headers["Cache-Control"] = "private, no-cache"
            answer.make_conditional(request)
        return answer

    return serve
