"""An app's code, fetched by git."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from station.errors import StationError
from station.fleet import Source
from station.hosts.remote.code import fetch_code

GIT = ("git", "-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-C")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "app.py").write_text("print()\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "First"]):
        subprocess.run([*GIT, folder, *words], check=True)
    return folder


def test_the_branchs_last_commit_is_packed_and_what_is_not_committed_is_told(repository: Path, tmp_path: Path) -> None:
    (repository / "app.py").write_text("changed\n")
    told: list[str] = []
    code = fetch_code(Source(git="repository"), tmp_path, tmp_path / "scratch", told.append)
    assert code.commit == subprocess.check_output([*GIT, repository, "rev-parse", "main"], text=True).strip()
    assert (code.folder / "app.py").read_text() == "print()\n"
    assert code.tar is not None
    with tarfile.open(code.tar) as file:
        assert file.getnames() == ["app.py"]
    assert "changes that are not committed" in told[0]


def test_a_repository_without_a_work_tree_gives_its_code(repository: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", repository, tmp_path / "bare"], check=True)
    told: list[str] = []
    code = fetch_code(Source(git="bare"), tmp_path, tmp_path / "scratch", told.append)
    assert (code.folder / "app.py").exists()
    assert told == []


def test_a_branch_that_is_not_there_is_named(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(StationError, match="Remote branch nowhere not found"):
        fetch_code(Source(git=str(repository), branch="nowhere"), tmp_path, tmp_path / "scratch", print)


def test_a_package_has_no_code_of_ours(tmp_path: Path) -> None:
    code = fetch_code(Source(package="datasette==0.65.1"), tmp_path, tmp_path / "scratch", print)
    assert (code.commit, code.tar) == ("", None)
