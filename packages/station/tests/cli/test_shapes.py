"""`--json` prints what docs/commands.md says, key by key, and its exit codes are those of the table."""

from datetime import datetime
from typing import Any

import pytest

from station.cli.db import db
from station.cli.shapes import FAILED, SHAPES, shape_text
from station.clock import utc_now
from station.cluster.roles import write_epoch
from station.errors import exit_codes

KINDS = {"text": str, "number": int | float, "bool": bool, "any": dict}


def differences(value: Any, shape: Any, at: str = "") -> list[str]:
    """Where the value is not of the shape."""
    if isinstance(shape, dict) and "?" in shape:
        return [] if value is None else differences(value, shape["?"], at)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at} is no object"]
        (name, *_) = shape
        if name.startswith("<"):
            return [each for key, inner in value.items() for each in differences(inner, shape[name], f"{at}.{key}")]
        odd = [f"{at}.{key}" for key in value.keys() ^ shape.keys()]
        return odd or [each for key in shape for each in differences(value[key], shape[key], f"{at}.{key}")]
    if isinstance(shape, list):
        return [each for n, inner in enumerate(value) for each in differences(inner, shape[0], f"{at}[{n}]")]
    return [] if _is(value, shape) else [f"{at} is {value!r}, not {shape}"]


def _is(value: Any, word: str) -> bool:
    if word.endswith("?"):
        return value is None or _is(value, word[:-1])
    if " or " in word:
        return value in word.replace(" or ", ", ").split(", ")
    if word == "time":
        return isinstance(value, str) and value.endswith("Z") and datetime.fromisoformat(value) is not None
    return isinstance(value, KINDS[word]) and (word == "bool" or not isinstance(value, bool))


@pytest.fixture
def primary(yard: Any) -> Any:
    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 1, utc_now())
    return yard


VERBS: dict[str, tuple[str, ...]] = {
    "check-manifest": (),
    "db upload": (),
    "db backup": ("one",),
    "db download": ("--to", "back.db"),
    "db drill": (),
    "db info": (),
    "db list": ("bookedbiz/main",),
    "db list-backups": (),
    "db list-points": (),
    "db prune": (),
    "db restore": ("--to", "restored.db"),
    "db test": (),
    "db verify": ("--deep",),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_result_has_the_keys_that_are_documented(primary, station, verb: str) -> None:
    if verb not in ("db upload", "db restore", "db list-points"):
        station("db", "upload")
        station("db", "backup", "kept")
        station("db", "drill")
    done = station(*verb.split(), *VERBS[verb], "--json")
    assert done.code == 0, done.err
    assert differences(done.json, SHAPES[verb]) == []
    assert done.out.count("\n") == 1


def test_every_verb_of_db_has_a_documented_shape_and_takes_json() -> None:
    assert {f"db {name}" for name in db.commands} <= SHAPES.keys()
    for name, command in db.commands.items():
        assert "--json" in [option for param in command.params for option in param.opts], name


@pytest.mark.parametrize(
    ("code", "words", "spoil"),
    [
        (2, ("info", "ledger"), ""),
        (2, ("restore", "--at", "some day", "--to", "x.db"), ""),
        (2, ("list-points", "--limit", "0"), ""),
        (11, ("point",), ""),
        (11, ("upload",), "no host is primary"),
        (13, ("prune",), "no lease"),
        (15, ("restore", "--point", "nothing", "--to", "x.db"), ""),
        (15, ("download", "--backup", "nothing"), ""),
        (16, ("list", "nothing/there"), ""),
        (16, ("list-points",), "store gone"),
        (16, ("upload",), "store gone"),
        (20, ("restore", "--to", "app.toml"), ""),
    ],
)
def test_a_failure_is_one_object_with_the_exit_code_of_the_table(
    primary, station, code: int, words: tuple[str, ...], spoil: str
) -> None:
    if spoil == "store gone":
        primary.store.path.rename(primary.folder / "away")
    if spoil == "no lease":
        primary.store.delete("bookedbiz/epochs/000001.json")
    if spoil == "no host is primary":
        write_epoch(primary.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 7, utc_now())
    done = station("db", *words, "--json")
    assert done.code == code
    assert differences(done.json, FAILED) == []
    assert done.json["exit_code"] == code
    assert done.json["error"] in done.err
    assert code in dict(exit_codes())


def test_a_shape_is_printed_in_lines_that_fit() -> None:
    for shape in SHAPES.values():
        assert max(len(line) for line in shape_text(shape).splitlines()) <= 120
