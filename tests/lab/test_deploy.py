"""Deploys on a booted host: an app of two files, and BookedBiz from this very repository."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.host import Host
from lab.installed import install_platform

ROOT = Path(__file__).parents[2]
FLEET = """
name = "lab"
[control]
host = "pi2"
port = 5001
[team]
members = ["ada"]
[hosts.pi-ctv]
address = "pi-ctv"
[hosts.pi2]
address = "pi2"
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.tiny]
manifest = "tiny.toml"
primary = "pi-ctv"
stores = ["disk"]
[apps.spare]
manifest = "spare.toml"
primary = "pi2"
standby = ["pi-ctv"]
stores = ["disk"]
[apps.ready]
manifest = "ready.toml"
primary = "pi2"
standby = ["pi-ctv"]
stores = ["disk"]
[apps.bookedbiz]
manifest = "bookedbiz.toml"
primary = "pi-ctv"
standby = ["pi2"]
stores = ["disk"]
[apps.bookedbiz.source]
git = "/srv/git/station"
folder = "apps/bookedbiz"
lock = "requirements/lock.txt"
"""
APP = """
name = "tiny"
title = "Tiny"
[source]
git = "/srv/git/tiny"
lock = "requirements.txt"
[deploy]
keep = 2
hooks.before = "allow"
hooks.after = "tell"
[processes.web]
command = ["python", "-m", "tiny"]
port = 8081
[processes.web.health]
path = "/"
status = 200
within_s = 10
[databases.main]
file = "tiny.db"
env = "DATABASE_PATH"
[commands]
allow = ["python", "-m", "tiny", "allow"]
tell = ["python", "-m", "tiny", "told"]
"""
CODE = """
import http.server, os, sqlite3, sys
from pathlib import Path
import click
VERSION = "1"

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(VERSION.encode())

if sys.argv[1:] == ["told"]:
    words = [os.environ[f"STATION_{name}"] for name in ("APP", "RELEASE", "FROM", "PERFORMER", "RESULT")]
    Path(os.environ["DATA_PATH"], "told").write_text("|".join(words))
elif sys.argv[1:] == ["allow"]:
    sys.exit("not before noon" if Path(os.environ["DATA_PATH"], "closed").exists() else 0)
elif __name__ == "__main__":
    sqlite3.connect(os.environ["DATABASE_PATH"]).execute("CREATE TABLE IF NOT EXISTS t (x)").connection.close()
    http.server.ThreadingHTTPServer((os.environ["BIND"], int(os.environ["PORT"])), Answers).serve_forever()
"""
BUNDLE = """
import hashlib, json, subprocess, sys
from pathlib import Path
from station.hosts.remote import bundle
folder, wheels, commit = Path("/root/bundle"), Path(sys.argv[1]), sys.argv[2]
(folder / "apps/spare").mkdir(parents=True)
(folder / "wheels").mkdir()
(wheel,) = wheels.glob("click-*.whl")
(folder / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
(folder / "apps/spare/requirements.txt").write_text(f"click=={wheel.name.split('-')[1]} --hash=sha256:{digest}\\n")
subprocess.run(["git", "-C", "/root/tiny", "archive", "-o", folder / "apps/spare/code.tar", commit], check=True)
told = {"app": "spare", "commit": commit, "package": "", "id": commit[:12], "local": []}
(folder / "apps/spare/app.json").write_text(json.dumps(told))
names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
(folder / "SHA256SUMS").write_text("\\n".join(sums) + "\\n")
about = bundle.About(1, "x", "x", "3.11", "x86_64", "x", "x", "fleet.toml", False, ("spare",))
(folder / "bundle.json").write_text(about.text)
bundle.pack(folder, Path("/root/spare.tar"))
"""
AS = "export GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=a@b"
DATABASE = "/var/lib/tiny/tiny.db"
Deploy = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def prepared(host: Host, wheels: str, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A host that `station apply` has prepared, and the repositories."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "fleet.toml").write_text(FLEET)
    (folder / "tiny.toml").write_text(APP)
    spare = APP.replace('name = "tiny"', 'name = "spare"').replace("8081", "8082").replace("tiny.db", "spare.db")
    (folder / "spare.toml").write_text(spare)
    package = f'package = "click=={version_of("click")}"'
    ready = (
        APP.replace('name = "tiny"', 'name = "ready"').replace("8081", "8083").replace('git = "/srv/git/tiny"', package)
    )
    ready = ready.replace('lock = "requirements.txt"', "").replace('"-m", "tiny"]', '"-m", "click"]')
    (folder / "ready.toml").write_text(ready)
    shutil.copy(ROOT / "apps/bookedbiz/app.toml", folder / "bookedbiz.toml")
    install_platform(host, wheels, folder / "fleet.toml")
    host.run("useradd", "--create-home", "ada")
    host.run("mkdir", "-p", "/srv/store")
    host.run("station", "apply", "--yes")
    host.write("/root/tiny/tiny.py", CODE)
    host.write("/root/tiny/requirements.txt", "click\n")
    host.run("sh", "-c", f"{AS}; cd /root/tiny; git init -q -b main; git add .; git commit -qm First; ls -l")
    host.run("git", "clone", "-q", "--bare", "/root/tiny", "/srv/git/tiny")
    host.run("git", "-C", "/root/tiny", "remote", "add", "origin", "/srv/git/tiny")
    return host


@pytest.fixture(scope="module")
def station(prepared: Host, wheels: str) -> Deploy:
    """Runs a command of station's that prints JSON; `code` is the exit code that it must have."""

    def run(*words: str, code: int = 0, who: str = "ada") -> dict[str, Any]:
        known = ["UV_OFFLINE=1", f"UV_FIND_LINKS={wheels}", f"SUDO_USER={who}", "SSH_CONNECTION=100.64.0.7 1 2 3"]
        ended = prepared.run("env", *known, "station", *words, "--json", check=False, timeout_s=120)
        assert ended.returncode == code, ended.stderr
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer | {"told": ended.stderr}

    return run


@pytest.fixture(scope="module")
def commit(prepared: Host) -> Callable[[str, str], str]:
    """Replaces a text in the app's code, on a branch: the new commit."""

    def make(old: str, new: str, branch: str = "main") -> str:
        prepared.run(
            "sh",
            "-c",
            f"cd /root/tiny && git checkout -q {branch} 2>/dev/null || git checkout -qb {branch} main",
        )
        code = prepared.read("/root/tiny/tiny.py")
        assert old in code
        prepared.write("/root/tiny/tiny.py", code.replace(old, new))
        prepared.run("sh", "-c", f"{AS}; cd /root/tiny; git commit -qam '{old} to {new}'; git push -q origin {branch}")
        return prepared.run("git", "-C", "/root/tiny", "rev-parse", "HEAD").stdout.strip()

    return make


def serves(host: Host) -> str:
    return host.run("curl", "-sf", "http://127.0.0.1:8081/").stdout


def test_the_first_deploy_serves_as_the_apps_own_user(prepared: Host, station: Deploy) -> None:
    done = station("deploy", "tiny", "--yes")
    assert (done["result"], done["before"], done["serves"]) == ("done", "", True)
    assert serves(prepared) == "1"
    pid = prepared.show("tiny-web.service", "MainPID")["MainPID"]
    assert prepared.run("ps", "-o", "user=", "-p", pid).stdout.strip() == "tiny"
    assert prepared.read("/var/lib/tiny/told") == f"tiny|{done['release']}||ada from 100.64.0.7|done"


def test_what_runs_already_is_not_deployed_again(station: Deploy) -> None:
    assert station("deploy", "tiny", "--yes")["result"] == "unchanged"


def test_a_second_release_links_its_packages_to_those_of_the_first(
    prepared: Host, station: Deploy, commit: Callable[[str, str], str]
) -> None:
    before = station("releases", "tiny")["releases"][0]["id"]
    new = commit('"1"', '"2"')
    assert station("deploy", "tiny", "--ref", new[:10], "--yes")["before"] == before
    assert serves(prepared) == "2"
    module = "lib/python3.11/site-packages/click/core.py"
    inodes = {
        prepared.run("stat", "-c", "%i", f"/opt/venvs/tiny/{name}/{module}").stdout for name in (before, new[:12])
    }
    assert len(inodes) == 1
    compiled = "lib/python3.11/site-packages/click/__pycache__/core.cpython-311.pyc"
    assert int(prepared.run("stat", "-c", "%h", f"/opt/venvs/tiny/{before}/{compiled}").stdout) == 2


def test_a_release_that_cannot_be_imported_changes_nothing_and_leaves_nothing(
    prepared: Host, station: Deploy, commit: Callable[[str, str, str], str]
) -> None:
    before = station("releases", "tiny")
    bad = commit("import click", "import click, nothing_of_that_name", "broken")
    said = station("deploy", "tiny", "--ref", "broken", "--yes", code=1)
    assert "No module named 'nothing_of_that_name'" in said["error"]
    assert serves(prepared) == "2"
    assert station("releases", "tiny")["releases"] == before["releases"]
    assert prepared.run("ls", f"/opt/venvs/tiny/{bad[:12]}", check=False).returncode != 0


def test_a_ref_that_is_not_there_is_told_with_those_that_are(station: Deploy) -> None:
    said = station("deploy", "tiny", "--ref", "nobody", "--yes", code=1)
    assert "There is no branch, tag or commit nobody" in said["error"]
    assert "main" in said["hint"]


def test_developers_edit_a_release_and_a_deploy_says_what_they_edited(prepared: Host, station: Deploy) -> None:
    (current,) = [each for each in station("releases", "tiny")["releases"] if each["current"]]
    edit = f"cd {current['code']}; echo '# mine' >> tiny.py; echo x > new.txt"
    prepared.run("sh", "-c", edit, user="ada")
    said = station("deploy", "tiny", "--yes", code=20)
    assert "changed: tiny.py; new: new.txt" in said["error"]
    assert station("releases", "tiny")["releases"][0]["edited"] == ["new.txt", "tiny.py"]


def test_a_fresh_release_stands_beside_the_edited_one_and_the_oldest_goes(prepared: Host, station: Deploy) -> None:
    edited, oldest = station("releases", "tiny")["releases"]
    done = station("deploy", "tiny", "--fresh", "--yes")
    assert (done["release"], done["removed"]) == (f"{edited['id']}-2", [oldest["id"]])
    assert "# mine" in prepared.read(f"{edited['code']}/tiny.py")
    assert "# mine" not in prepared.read("/opt/apps/tiny/current/tiny.py")
    assert prepared.run("ls", oldest["venv"], check=False).returncode != 0


def test_a_rollback_serves_what_ran_before(prepared: Host, station: Deploy) -> None:
    before = station("releases", "tiny")["releases"][1]["id"]
    write_row(prepared, 7)
    done = station("rollback", "tiny", "--yes")
    assert (done["release"], done["serves"]) == (before, True)
    assert "was edited: changed: tiny.py" in done["warnings"][0]
    assert serves(prepared) == "2"
    assert rows(prepared, DATABASE) == "7"


def test_on_request_the_databases_go_back_too_and_nothing_is_thrown_away(prepared: Host, station: Deploy) -> None:
    write_row(prepared, 8)
    done = station("rollback", "tiny", "--with-databases", "--yes")
    assert done["serves"]
    assert rows(prepared, DATABASE) == "7"
    assert prepared.run("stat", "-c", "%U", DATABASE).stdout == "tiny\n"
    (kept,) = prepared.run("sh", "-c", "ls /var/lib/station/tiny/replaced/*-rolled-back/main/tiny.db").stdout.split()
    assert rows(prepared, kept) == "7\n8"


def test_the_history_says_who_did_what_and_how_it_ended(station: Deploy) -> None:
    told = station("deploys", "tiny")["deploys"]
    assert [entry["kind"] for entry in told] == ["rollback", "rollback", "deploy", "deploy", "deploy"]
    assert {(entry["result"], entry["who"]) for entry in told} == {("done", "ada from 100.64.0.7")}


def test_a_hook_that_says_no_keeps_a_release_from_serving(
    prepared: Host, station: Deploy, commit: Callable[[str, str, str], str]
) -> None:
    new = commit('"2"', '"5"', "hooked")
    prepared.run("touch", "/var/lib/tiny/closed")
    said = station("deploy", "tiny", "--ref", "hooked", "--yes", code=1)
    assert "The hook before failed with exit code 1:\nnot before noon\nNothing was changed" in said["error"]
    assert serves(prepared) == "2"
    assert station("releases", "tiny")["releases"][0]["id"] == new[:12]
    prepared.run("rm", "/var/lib/tiny/closed")


def test_a_second_deploy_at_the_same_time_is_told_who_is_at_it(prepared: Host, station: Deploy) -> None:
    holder = "ada (process 7 on pi-ctv, deploy since noon)"
    lock = "/run/station/deploy-tiny.lock"
    prepared.run("sh", "-c", f"echo -n '{holder}' > {lock}; setsid flock {lock} sleep 30 >/dev/null 2>&1 &")
    prepared.until("sh", "-c", f"! flock -n {lock} true")
    assert holder in station("deploy", "tiny", "--yes", code=12)["error"]
    prepared.crash("sleep 30")


def test_on_a_standby_a_release_is_made_ready_and_nothing_runs(prepared: Host, station: Deploy) -> None:
    done = station("deploy", "spare", "--yes")
    assert (done["result"], done["serves"]) == ("done", False)
    assert prepared.show("spare-web.service", "ActiveState")["ActiveState"] == "inactive"


def test_a_deploy_that_was_killed_at_any_step_is_finished_by_the_next(
    prepared: Host, station: Deploy, commit: Callable[[str, str], str], wheels: str
) -> None:
    commit('"2"', '"4"', "wip")
    new = commit('"2"', '"3"')
    prepared.run("systemd-run", "--quiet", "--unit=station-step-spare", "sleep", "600")  # what a killed one left
    for step in ("fetched", "begun", "unpacked", "built", "checked", "recorded", "switched"):
        prepared.run("rm", "-f", "/tmp/killed")
        run = "station deploy spare --yes || echo $? > /tmp/killed"
        known = [f"STATION_DEPLOY_FAULT={step}=SIGKILL", "UV_OFFLINE=1", f"UV_FIND_LINKS={wheels}"]
        prepared.run("env", *known, "sh", "-c", run, check=False)
        assert prepared.read("/tmp/killed") == "137\n", step
    assert station("deploy", "spare", "--yes")["release"] == new[:12]
    assert {each["id"] for each in station("releases", "spare")["releases"]} >= {new[:12]}
    assert left(prepared, "spare") == []
    assert prepared.show("station-step-spare.service", "ActiveState")["ActiveState"] == "inactive"


def test_a_published_package_needs_no_repository(prepared: Host, station: Deploy) -> None:
    done = station("deploy", "ready", "--yes")
    assert done["release"].startswith(f"click-{version_of('click')}-")
    assert station("deploy", "ready", "--yes")["result"] == "unchanged"


def test_a_bundle_needs_neither_repository_nor_index(prepared: Host, station: Deploy, wheels: str) -> None:
    prepared.run("rm", "-rf", "/opt/venvs/spare/.cache")
    commit = prepared.run("git", "-C", "/root/tiny", "rev-parse", "wip").stdout.strip()
    prepared.run("/opt/venvs/station/current/bin/python", "-c", BUNDLE, wheels, commit)
    known = ["UV_OFFLINE=0", "UV_FIND_LINKS=/nowhere"]
    ended = prepared.run("env", *known, "station", "deploy", "spare", "--bundle", "/root/spare.tar", "--yes", "--json")
    assert json.loads(ended.stdout)["release"] == commit[:12]
    assert station("releases", "spare")["releases"][0]["source"] == f"bundle, {commit[:12]}"
    assert prepared.run("ls", "-A", "/var/lib/station/bundles").stdout == ""


def test_a_bundle_that_is_damaged_changes_nothing(prepared: Host, station: Deploy) -> None:
    prepared.run("sh", "-c", "cd /root/bundle && echo x >> apps/spare/requirements.txt")
    assert "is damaged" in station("deploy", "spare", "--bundle", "/root/bundle", "--yes", code=1)["error"]


def test_bookedbiz_is_deployed_from_this_repository(prepared: Host, station: Deploy, tmp_path: Path) -> None:
    prepared.put(repository(tmp_path), "/srv/git/station")
    done = station("deploy", "bookedbiz", "--yes")
    assert done["serves"]
    assert f"station --host pi2 deploy bookedbiz --ref {done['release']}" in done["told"]
    answer = prepared.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8000/").stdout
    assert answer == "302"
    pid = prepared.show("bookedbiz-web.service", "MainPID")["MainPID"]
    assert prepared.run("ps", "-o", "user=", "-p", pid).stdout.strip() == "bookedbiz"


def write_row(host: Host, number: int) -> None:
    host.run("sqlite3", DATABASE, f"INSERT INTO t VALUES ({number})", user="tiny")


def rows(host: Host, database: str) -> str:
    return host.run("sqlite3", database, "SELECT x FROM t").stdout.strip()


def left(host: Host, app: str) -> list[str]:
    """What is there besides whole releases."""
    names = set(host.run("sh", "-c", f"ls /opt/apps/{app}/releases; ls /opt/venvs/{app}").stdout.split()) - {"current"}
    records = host.run("ls", f"/var/lib/station/{app}/releases").stdout.split()
    whole = {name.removesuffix(".json") for name in records if name.endswith(".json")}
    return sorted(names - whole) + [name for name in records if name.endswith((".making", ".going"))]


def version_of(package: str) -> str:
    lock = (ROOT / "requirements" / "lock.txt").read_text()
    return next(line.split()[0].partition("==")[2] for line in lock.splitlines() if line.startswith(f"{package}=="))


def repository(folder: Path) -> Path:
    """What this repository has in its newest commit, as a repository of one commit."""
    tree, bare = folder / "tree", folder / "bare"
    tree.mkdir()
    packed = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=packed, check=True)
    script = f"{AS}; git init -q -b main; git add -A; git commit -qm All; git clone -q --bare . {bare}"
    subprocess.run(["sh", "-c", script], cwd=tree, check=True)
    return bare
