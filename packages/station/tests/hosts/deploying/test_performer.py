"""Who deploys, and the lock that says so."""

import os

import pytest

from station.hosts.deploying.performer import deploying, performer
from station.hosts.switching.journal import is_under_way, lock_file


@pytest.fixture
def proc(tmp_path):
    """Makes a process of /proc, with its parent and its environment."""

    def make(number, parent, environment=""):
        folder = tmp_path / "proc" / str(number)
        folder.mkdir(parents=True)
        (folder / "stat").write_text(f"{number} (a (b) c) S {parent} 1 1")
        (folder / "environ").write_bytes(environment.replace(" | ", "\0").encode())
        return tmp_path / "proc"

    return make


def test_the_person_behind_sudo_and_their_address_are_named(tmp_path):
    environment = {"SUDO_USER": "ada", "LOGNAME": "root", "SSH_CONNECTION": "100.64.0.7 50000 100.64.0.1 22"}
    assert performer(environment, 1, tmp_path) == "ada from 100.64.0.7"


def test_the_address_that_sudo_dropped_is_found_in_what_started_it(proc):
    proc(30, 20, "PATH=/bin")
    proc(20, 10, "LANG=C | SSH_CONNECTION=100.64.0.7 50000 100.64.0.1 22 | HOME=/root")
    found = proc(10, 1, "SSH_CONNECTION=10.0.0.1 1 2 3")
    assert performer({"SUDO_USER": "ada"}, 30, found) == "ada from 100.64.0.7"


def test_at_the_machine_itself_there_is_no_address(proc):
    assert performer({"LOGNAME": "root"}, 30, proc(30, 1)) == "root"


def test_the_lock_says_who_has_it_and_since_when(host, noon):
    host.paths.run.mkdir(parents=True)
    with deploying(host, "notes", "deploy", "ada", noon):
        held = lock_file(host, "notes").read_text()
        assert held == f"ada (process {os.getpid()} on pi1, deploy since 2026-11-21T12:00:00.000Z)"
        assert is_under_way(host, "notes")
    assert not is_under_way(host, "notes")
