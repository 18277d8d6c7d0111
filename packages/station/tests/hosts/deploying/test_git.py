"""The mirror of an app's repository, with real ones."""

import os
import subprocess

import pytest

from station.errors import StationError
from station.hosts.deploying.git import Mirror


@pytest.fixture
def git(tmp_path):
    """Runs git in the source repository."""
    (tmp_path / "source").mkdir()
    who = {f"GIT_{role}_{what}": "ada@example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def run(*words):
        command = ["git", "-c", "init.defaultBranch=main", *words]
        environment = {"PATH": os.defpath, "HOME": str(tmp_path)} | who
        ended = subprocess.run(
            command, cwd=tmp_path / "source", env=environment, capture_output=True, text=True, check=True
        )
        return ended.stdout.strip()

    run("init", "--quiet")
    return run


@pytest.fixture
def commit(git, tmp_path):
    """Makes a commit with that text in its one file: its name."""

    def make(text):
        (tmp_path / "source" / "app.py").write_text(text)
        git("add", "app.py")
        git("commit", "--quiet", "--message", text)
        return git("rev-parse", "HEAD")

    return make


@pytest.fixture
def mirror(host, tmp_path):
    return Mirror(host, "notes", str(tmp_path / "source"), {"PATH": os.defpath, "HOME": str(tmp_path)})


def test_a_branch_a_tag_and_a_commit_long_or_short_are_found(git, commit, mirror):
    old = commit("one")
    git("tag", "v1")
    git("branch", "wip")
    new = commit("two")
    found = [mirror.fetch(ref) for ref in ("main", "v1", "wip", old, new[:9], "refs/heads/main")]
    assert [each.id for each in found] == [new, old, old, old, new, new]
    assert (found[0].subject, found[0].ref) == ("two", "main")


def test_a_branch_that_was_forced_is_what_it_is_now(git, commit, mirror):
    commit("one")
    assert mirror.fetch("main").subject == "one"
    git("commit", "--quiet", "--amend", "--message", "other")
    assert mirror.fetch("main").subject == "other"


def test_a_commit_that_is_there_already_needs_no_network(commit, mirror, tmp_path):
    old = commit("one")
    mirror.fetch("main")
    (tmp_path / "source").rename(tmp_path / "gone")
    assert mirror.fetch(old).id == old
    with pytest.raises(StationError, match=r"git ls-remote of .*source failed"):
        mirror.fetch("main")


def test_what_is_not_there_is_told_with_the_branches(commit, mirror):
    commit("one")
    with pytest.raises(StationError, match="no branch, tag or commit nobody") as told:
        mirror.fetch("nobody")
    assert told.value.hint == "It has the branches main"


@pytest.mark.parametrize("ref", ["--upload-pack=touch x", "main..", "-f", "", "a b"])
def test_a_ref_is_never_an_option(commit, mirror, ref):
    commit("one")
    with pytest.raises(StationError, match="can not be the name"):
        mirror.fetch(ref)


def test_a_lock_that_a_killed_git_left_is_no_obstacle(commit, mirror):
    commit("one")
    mirror.fetch("main")
    (mirror.folder / "refs/heads/main.lock").touch()
    commit("two")
    assert mirror.fetch("main").subject == "two"


def test_the_callers_own_git_variables_steer_nothing(commit, host, tmp_path):
    commit("one")
    given = {"PATH": os.defpath, "HOME": str(tmp_path), "GIT_DIR": "/nowhere", "GIT_SSH_COMMAND": "false"}
    assert Mirror(host, "notes", str(tmp_path / "source"), given).fetch("main").subject == "one"


def test_no_hook_runs_when_something_is_fetched(commit, mirror, tmp_path):
    commit("one")
    mirror.fetch("main")
    hook = mirror.folder / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    commit("two")
    mirror.fetch("main")
    assert not (tmp_path / "ran").exists()


def test_how_many_commits_lie_between_is_known(commit, mirror):
    old, _, new = commit("one"), commit("two"), commit("three")
    mirror.fetch("main")
    assert (mirror.since(old, new), mirror.since("0" * 40, new)) == (2, None)
