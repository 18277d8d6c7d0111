"""What a manifest says about machines, and everything that is wrong with it in one message."""

from pathlib import Path

import pytest

from station.errors import ManifestError
from station.fleet import load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Loads the smallest fleet on machines, with `more` at the end of either file."""
    monkeypatch.chdir(tmp_path)

    def load(more: str = "", more_app: str = ""):
        fleet = SMALLEST_FLEET.replace('folder = "hosts/', 'address = "')
        Path("notes").mkdir(exist_ok=True)
        Path("fleet.toml").write_text(f"{fleet}{more}", encoding="utf-8")
        Path("notes/app.toml").write_text(f"{SMALLEST_APP}{more_app}", encoding="utf-8")
        return load_fleet(Path("fleet.toml"))

    return load


def test_every_mistake_about_machines_comes_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / "machines")
    with pytest.raises(ManifestError) as refused:
        load_fleet(Path("fleet.toml"))
    assert refused.value.message + "\n" == (GOLDEN / "machine_mistakes.txt").read_text(encoding="utf-8")


def test_a_machine_keeps_its_files_in_the_places_of_a_machine(machines) -> None:
    paths = machines().hosts["pi1"].paths
    assert paths.data("notes") == Path("/var/lib/notes")
    assert paths.status_file == Path("/run/station/status.json")
    assert paths.events == Path("/var/log/station/events.jsonl")


def test_data_that_lie_elsewhere_are_found_there_by_everybody(machines) -> None:
    fleet = machines('[apps.notes.files]\ndata = "/srv/notes/data"\n')
    app, paths = fleet.apps["notes"], fleet.hosts["pi1"].paths
    assert paths.database("notes", app.databases["main"]) == Path("/srv/notes/data/notes.db")


def test_the_user_of_an_app_is_its_name_unless_the_fleet_says_otherwise(machines) -> None:
    assert machines().apps["notes"].account == "notes"
    assert machines('user = "other"\n').apps["notes"].account == "other"


def test_datasette_runs_on_the_first_standby_unless_the_fleet_says_otherwise(machines) -> None:
    assert machines("[apps.notes.datasette]\n").apps["notes"].datasette.host == "pi2"
    assert machines('[apps.notes.datasette]\nhost = "pi1"\n').apps["notes"].datasette.host == "pi1"


def test_a_process_with_a_port_is_shut_in_as_web_and_one_without_as_worker(machines) -> None:
    processes = machines(more_app='[processes.watch]\ncommand = ["notes"]').apps["notes"].processes
    assert {name: process.hardening for name, process in processes.items()} == {"web": "web", "watch": "worker"}


@pytest.mark.parametrize("where", ["/var", "/var/lib", "/var/lib/station/notes", "/home", "/opt/apps/notes", "/root/x"])
def test_data_may_not_lie_where_writing_would_harm_others(machines, where: str) -> None:
    with pytest.raises(ManifestError, match=f'apps.notes.files.data: is "{where}"; must be a folder below'):
        machines(f'[apps.notes.files]\ndata = "{where}"\n')


def test_two_apps_may_have_one_port_on_different_machines_only(machines, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(SMALLEST_APP.replace('"notes"', '"more"', 1))
    more = '[apps.more]\nmanifest = "more.toml"\nprimary = "pi3"\nstores = ["disk"]\n[hosts.pi3]\naddress = "pi3"\n'
    assert len(machines(more).apps) == 2
    with pytest.raises(ManifestError, match=r"port 8100 .* is taken by apps.notes.ports.web"):
        machines(more.replace('primary = "pi3"', 'primary = "pi2"'))


def test_the_data_of_one_app_may_not_lie_in_those_of_another(machines, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(SMALLEST_APP.replace('"notes"', '"more"', 1))
    more = '[apps.more]\nmanifest = "more.toml"\nprimary = "pi1"\nstores = ["disk"]\nports.web = 8101\n'
    with pytest.raises(ManifestError, match=r"/var/lib/notes/more meets /var/lib/notes, the data of apps\.notes"):
        machines(f'{more}files.data = "/var/lib/notes/more"\n')


KEYS = {
    "apps.notes.user": 'user = "x"',
    "apps.notes.files": 'files.data = "/srv/x"',
    "apps.notes.datasette": "datasette = {}",
    "team": "[team]",
    "hosts.pi3.retire": '[hosts.pi3]\nfolder = "pi3"\nretire = ["x.service"]',
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_for_machines_is_refused_where_hosts_are_folders(mistakes, key: str) -> None:
    assert mistakes(more=KEYS[key]) == [
        f"fleet.toml: {key}: is for machines, and these hosts are folders; take it away"
    ]


TAKEN = {
    'services.web = "station-agent"': "its web would be the unit station-agent, as one of the platform's own is",
    'services.web = "notes-points"': "its web would be the unit notes-points, as one of the platform's own is",
    '[hosts.pi3]\naddress = "pi3"\nretire = ["notes-web.service"]': "is the unit of notes's web",
    '[hosts.pi3]\naddress = "pi3"\nretire = ["station-agent.service"]': "is the unit of one of the platform's own",
}


@pytest.mark.parametrize("more", TAKEN)
def test_no_unit_may_have_the_name_of_another(machines, more: str) -> None:
    with pytest.raises(ManifestError) as refused:
        machines(f"{more}\n")
    assert TAKEN[more] in refused.value.message


def test_an_app_may_not_have_the_name_of_a_folder_of_the_system(machines, tmp_path: Path) -> None:
    (tmp_path / "ssh.toml").write_text(SMALLEST_APP.replace('"notes"', '"ssh"', 1))
    more = '[apps.ssh]\nmanifest = "ssh.toml"\nprimary = "pi1"\nstores = ["disk"]\nports.web = 8101\n'
    with pytest.raises(ManifestError, match=r"apps\.ssh: /etc/ssh and /var/lib/ssh are the system's"):
        machines(more)
