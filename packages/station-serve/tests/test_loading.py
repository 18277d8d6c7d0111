"""Which application a name stands for, and of which kind it is."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from station_kit.errors import BadSetting
from station_serve.loading import load
from station_serve.wrapping import kind_of


@pytest.fixture
def module(apps: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(apps))
    monkeypatch.delitem(importlib.import_module("sys").modules, "apps", raising=False)
    (apps / "broken.py").write_text("import nowhere_to_be_found", encoding="utf-8")
    return importlib.import_module("apps")


@pytest.mark.parametrize("name", ["apps:wsgi", "apps:create_app()", "apps:Shelf.app"])
def test_an_application_is_named_or_made(module: ModuleType, name: str) -> None:
    assert load(name) is module.wsgi


def test_a_factory_is_given_plain_values(module: ModuleType) -> None:
    assert load("apps:Shelf.holding(['a b'], number=5).words") == (["a b"], 5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("apps", "'apps' names no application"),
        ("apps:create_app(", "names no application"),
        ("apps:create_app(open('x'))", "has more in its brackets than plain values"),
        ("apps:create_app(*[1])", "has more in its brackets than plain values"),
        ("apps:wsgi + wsgi", "wsgi + wsgi names no application"),
        ("apps:(lambda: 1)()", "names no application"),
        ("apps:", "names no application"),
        ("no_such.thing:app", "There is no module no_such"),
        ("apps.web:app", "There is no module apps.web"),
        ("apps:nothing", "There is no nothing in the module apps"),
        ("apps:Shelf.number()", "Shelf.number cannot be called: it is a int"),
    ],
)
def test_what_is_not_there_is_named(module: ModuleType, name: str, message: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(message)):
        load(name)


def test_an_error_of_the_app_itself_comes_out_as_it_is(module: ModuleType) -> None:
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        load("broken:app")


@pytest.mark.parametrize(
    ("name", "kind"), [("wsgi", "wsgi"), ("asgi", "asgi"), ("failing", "asgi"), ("Shelf.app", "wsgi")]
)
def test_the_kind_of_an_application_is_seen(module: ModuleType, name: str, kind: str) -> None:
    assert kind_of(load(f"apps:{name}")) == kind


def test_a_flask_application_is_a_wsgi_one() -> None:
    flask = pytest.importorskip("flask")
    assert kind_of(flask.Flask("x")) == "wsgi"


@pytest.mark.parametrize(
    ("name", "message"), [("create_app", "takes neither"), ("Shelf.number", "A int is no web application")]
)
def test_what_is_no_application_is_refused(module: ModuleType, name: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        kind_of(load(f"apps:{name}"))
