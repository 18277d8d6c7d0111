"""A manifest that is wrong: everything that is wrong with it, in one message."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import ManifestError
from station.fleet import load_fleet
from station.fleet.crosschecks import Read, check_fleet
from station.fleet.mistakes import mistakes_of
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.fleet.written import FleetFile
from station.fleet.written_app import AppFile

GOLDEN = Path(__file__).parent / "golden"

CASES = [
    [line[2:].replace(" \\n ", "\n") for line in case.splitlines()]
    for case in (GOLDEN / "one_mistake.txt").read_text(encoding="utf-8").split("\n\n")[1:]
]

SECOND_APP = """
[apps.second]
manifest = "notes/app.toml"
primary = "pi2"
stores = ["disk"]
"""


def test_every_mistake_of_every_file_comes_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / "wrong")
    with pytest.raises(ManifestError) as refused:
        load_fleet(Path("fleet.toml"))
    assert refused.value.message + "\n" == (GOLDEN / "mistakes.txt").read_text(encoding="utf-8")
    assert refused.value.hint == "Every key is explained in docs/manifest.md"


@pytest.mark.parametrize(("old", "new", "line"), CASES)
def test_one_mistake_is_named_with_what_would_be_right(mistakes, old: str, new: str, line: str) -> None:
    assert mistakes(old, new) == [line]


def test_an_app_manifest_that_is_no_toml_is_named_with_the_line(mistakes) -> None:
    assert mistakes('command = ["notes", "serve"]', "command = [") == [
        "notes/app.toml: is no TOML: Invalid value (at line 8, column 1); mend that line; other mistakes show then"
    ]


def test_two_apps_may_not_have_one_port(mistakes) -> None:
    lines = mistakes(more=SECOND_APP)
    assert (
        "fleet.toml: apps.second.ports.web: port 8100 (from notes/app.toml) is taken by apps.notes.ports.web; "
        "choose another, like web = 8110"
    ) in lines


def test_a_file_that_two_apps_name_is_reported_once(mistakes) -> None:
    lines = mistakes("port = 8100", 'port = "x"', more=SECOND_APP)
    assert len([line for line in lines if line.startswith("notes/app.toml: processes.web.port")]) == 1


def test_a_port_chosen_in_the_fleet_ends_the_conflict(mistakes) -> None:
    lines = mistakes(more=f"{SECOND_APP}ports.web = 8110")
    assert lines == ['fleet.toml: apps.second: notes/app.toml has name = "notes"; use the same name in both']


def test_a_second_process_with_health_is_refused(mistakes) -> None:
    more = '[processes.api]\ncommand = ["api"]\nport = 8101\nhealth = {}'
    assert mistakes(more_app=more) == [
        "notes/app.toml: processes.api.health: web has one already; keep it in exactly one process"
    ]


def test_two_databases_need_two_variables(mistakes) -> None:
    assert mistakes(more_app='[databases.old]\nfile = "old.db"') == [
        "notes/app.toml: databases.old.env: DATABASE_PATH already names the file of databases.main; "
        "give each database a variable of its own"
    ]


def test_what_lies_between_keys_is_found_beside_keys_that_are_wrong(mistakes) -> None:
    lines = mistakes('standby = ["pi2"]', 'standby = ["pi3"]\ncolour = 3')
    assert len(lines) == 2
    assert any("apps.notes.colour" in line for line in lines)
    assert any('there is no host "pi3"' in line for line in lines)


def test_two_processes_may_not_come_to_one_unit(mistakes, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "app.toml").write_text(SMALLEST_APP.replace('"notes"', '"notes-old"', 1), encoding="utf-8")
    more = SECOND_APP.replace("notes/", "b/").replace("second", "notes-old") + "ports.web = 8110"
    old_web = '[processes.old-web]\ncommand = ["old"]'
    assert mistakes(more=more, more_app=old_web) == [
        "fleet.toml: apps.notes-old: its web would be the unit notes-old-web, as notes's old-web is; "
        "give one of the two another name"
    ]


@pytest.mark.parametrize("name", ["control", "hosts", "stores", "apps"])
@pytest.mark.parametrize("value", ["3", '"x"', "[]", "{}", "[{}]", "{x = 3}", "{x = {}}", "{x = []}", '{"" = {}}'])
def test_a_manifest_of_any_shape_gives_a_message_and_no_crash(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text(f'name = "x"\n{name} = {value}\n', encoding="utf-8")
    with pytest.raises(ManifestError, match=f"fleet.toml: {name}"):
        load_fleet(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["pi1", "~", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_whatever_stands_at_a_key_the_check_ends_with_mistakes_or_none(data: st.DataObject) -> None:
    files = [(FleetFile, tomllib.loads(SMALLEST_FLEET)), (AppFile, tomllib.loads(SMALLEST_APP))]
    model, raw = data.draw(st.sampled_from(files))
    here: Any = raw
    while True:
        key = data.draw(st.sampled_from(sorted(here) if here else ["name"]))
        if not isinstance(here.get(key), dict) or data.draw(st.booleans()):
            break
        here = here[key]
    here[key] = data.draw(values)
    fleet, app = (Read(f"{model.__name__}.toml", Path("/x.toml"), raw) for model, raw in files)
    assert all(mistake.line for mistake in mistakes_of(model, raw, "x.toml"))
    assert all(mistake.line for mistake in check_fleet(fleet, {"notes": app}))
