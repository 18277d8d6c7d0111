"""Manifests that are right become values; the demo is one of them."""

from pathlib import Path

import pytest

from station.errors import ManifestError
from station.fleet import Health, app_environment, load_fleet

ROOT = Path(__file__).parents[4]


def test_the_demo_fleet_loads_with_absolute_paths() -> None:
    fleet = load_fleet(ROOT / "fleets" / "demo.toml")
    app = fleet.apps["bookedbiz"]
    assert fleet.path == ROOT / "fleets" / "demo.toml"
    assert fleet.hosts["pi2"].folder == ROOT / ".station" / "demo" / "pi2"
    assert fleet.stores["disk"].path == ROOT / ".station" / "demo" / "store"
    assert app.hosts == ("pi-ctv", "pi2")
    assert app.gate.name == "web"
    assert app.points.every_s == 3
    assert app.processes["traffic"].command == ("bookedbiz", "sample-traffic", "--every", "2")
    assert app.first_run == app.commands["sample"]


def test_what_is_left_out_has_the_defaults_of_the_reference(changed) -> None:
    app = changed().apps["notes"]
    assert app.title == "notes"
    assert app.bind == "127.0.0.1"
    assert app.points.every_s == 10
    assert app.first_run is None
    assert app.databases["main"].env == "DATABASE_PATH"
    assert app.gate.health == Health("/health", 200, 30)
    assert (app.secrets, app.commands) == ({}, {})


def test_a_fleet_read_by_a_relative_path_knows_its_absolute_one(changed, tmp_path) -> None:
    assert changed().path == tmp_path / "fleet.toml"


def test_paths_start_at_the_folder_of_the_manifest_not_of_the_caller(changed, tmp_path, monkeypatch) -> None:
    changed()
    monkeypatch.chdir("/")
    fleet = load_fleet(tmp_path / "fleet.toml")
    assert fleet.hosts["pi1"].folder == tmp_path / "hosts" / "pi1"
    assert fleet.apps["notes"].gate.command == ("notes", "serve")


def test_the_page_and_an_app_may_listen_on_every_address(changed) -> None:
    assert changed("port = 5001", 'port = 5001\nbind = "0.0.0.0"').control.bind == "0.0.0.0"
    assert changed('manifest = "notes', 'bind = "::"\nmanifest = "notes').apps["notes"].bind == "::"


def test_another_port_of_the_fleet_goes_before_the_apps_own(changed) -> None:
    fleet = changed(more="[apps.notes.ports]\nweb = 8010")
    assert fleet.apps["notes"].gate.port == 8010


def test_a_process_is_told_where_everything_is_and_nothing_else(changed, tmp_path) -> None:
    fleet = changed(more_app='[databases.archive]\nfile = "old.db"\nenv = "ARCHIVE_PATH"')
    app, host = fleet.apps["notes"], fleet.hosts["pi1"]
    root = tmp_path / "hosts" / "pi1"
    assert app_environment(app, host, app.gate) == {
        "DATABASE_PATH": f"{root}/var/lib/notes/notes.db",
        "ARCHIVE_PATH": f"{root}/var/lib/notes/old.db",
        "DATA_PATH": f"{root}/var/lib/notes",
        "CREDENTIALS_DIRECTORY": f"{root}/etc/notes/credentials",
        "HOST_NAME": "pi1",
        "BIND": "127.0.0.1",
        "PORT": "8100",
    }
    assert "PORT" not in app_environment(app, host)


def test_a_host_keeps_its_files_below_its_folder(changed, tmp_path) -> None:
    paths = changed().hosts["pi2"].paths
    root = tmp_path / "hosts" / "pi2"
    assert paths.state("notes") == root / "var/lib/station/notes"
    assert paths.log("notes-web") == root / "var/log/notes-web.log"
    assert paths.events == root / "var/log/events.jsonl"
    assert (paths.run, paths.socket) == (root / "run", root / "run/agent.sock")
    assert (paths.status_file, paths.lock("agent")) == (root / "run/status.json", root / "run/agent.lock")


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nowhere\.toml cannot be read: No such file or directory") as refused:
        load_fleet(tmp_path / "nowhere.toml")
    assert "--fleet" in refused.value.hint


def test_a_manifest_that_is_no_toml_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text('name = "home"\n\n[control\n', encoding="utf-8")
    with pytest.raises(ManifestError, match=r"fleet\.toml is no TOML: .*\(at line 3, column 9\)"):
        load_fleet(path)


def test_a_manifest_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_bytes('name = "Büro"'.encode("latin-1"))
    with pytest.raises(ManifestError, match="is no text in UTF-8"):
        load_fleet(path)
