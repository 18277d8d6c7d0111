"""What is pinned, from the three kinds of sources. uv is the real one; packages come from a folder of wheels."""

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from station.errors import StationError
from station.fleet import Source
from station.hosts.deploying.requirements import Requirements, blocks, pinned, run_here

UV = Path(sys.executable).parent / "uv"
GIT = "https://git.example/notes.git"
PROJECT = '[project]\nname = "notes"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["paper"]\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


@pytest.fixture
def wheel(tmp_path):
    """Makes an empty wheel in the index, and returns the line that pins it."""

    def make(name, version, *needs):
        folder = tmp_path / "index"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}-{version}-py3-none-any.whl"
        about = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(path, "w") as wheel:
            lines = [
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
                *(f"Requires-Dist: {n}" for n in needs),
            ]
            wheel.writestr(f"{about}/METADATA", "\n".join(lines) + "\n")
            wheel.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{about}/RECORD", "")
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    return make


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A repository; uv knows the folder of wheels and nothing else."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    code = tmp_path / "code"
    code.mkdir()
    return code


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_of_a_lock_a_project_gets_what_it_needs_with_the_locks_own_hashes(code, wheel):
    pins = wheel("paper", "1.0", "ink") + wheel("ink", "2.0") + wheel("browser", "9.0")
    wheel("paper", "1.1")
    lock = pins.replace("ink==2.0 --hash", "ink==2.0 --hash=sha256:" + "0" * 64 + " --hash")
    write(code / "lock.txt", f"# versions\n{lock}")
    write(code / "pyproject.toml", PROJECT + BUILD)
    found = pinned(code, Source(git=GIT, lock="lock.txt"), UV)
    assert found == Requirements("".join(sorted(lock.splitlines(keepends=True)[:2])), (".",))


def test_packages_of_the_repository_are_installed_from_there(code, wheel):
    write(code / "lock.txt", wheel("paper", "1.0"))
    workspace = '[tool.uv.workspace]\nmembers = ["packages/*", "apps/*"]\n[project]\nname = "all"\nversion = "0"\n'
    write(
        code / "pyproject.toml",
        workspace + 'requires-python = ">=3.11"\n[tool.uv.sources]\nkit = { workspace = true }\n',
    )
    write(code / "packages/kit/pyproject.toml", PROJECT.replace("notes", "kit").replace('"paper"', "") + BUILD)
    write(code / "apps/notes/pyproject.toml", PROJECT.replace('"paper"', '"paper", "kit"') + BUILD)
    found = pinned(code, Source(git=GIT, folder="apps/notes", lock="lock.txt"), UV)
    assert found.local == ("packages/kit", "apps/notes")
    assert list(blocks(found.text)) == ["paper"]


def test_a_lock_with_a_version_for_each_python_keeps_both(code, wheel):
    """Markers choose where it is installed; the one for another Python alone would be no package at all."""
    old, new = (wheel("paper", version) for version in ("1.0", "1.1"))
    old, new = (
        pin.replace(" --hash", f" ; python_full_version {marker} --hash")
        for pin, marker in ((old, "< '3.12'"), (new, ">= '3.12'"))
    )
    write(code / "lock.txt", old + new)
    write(code / "pyproject.toml", PROJECT + BUILD)
    assert pinned(code, Source(git=GIT, lock="lock.txt"), UV).text == old + new


def test_a_uv_lock_of_the_workspace_gives_its_member_alone(code, wheel):
    wheel("paper", "1.0")
    wheel("scissors", "1.0")
    top = PROJECT.replace("notes", "all").replace("paper", "scissors")
    write(code / "pyproject.toml", f'{top}[tool.uv.workspace]\nmembers = ["apps/*"]\n')
    write(code / "apps/notes/pyproject.toml", PROJECT + BUILD)
    run_here([str(UV), "lock", "--quiet"], code, "")
    found = pinned(code, Source(git=GIT, folder="apps/notes"), UV)
    assert (list(blocks(found.text)), found.local) == (["paper"], ("apps/notes",))


def test_a_uv_lock_that_does_not_fit_the_project_is_refused(code, wheel):
    wheel("paper", "1.0")
    wheel("ink", "1.0")
    write(code / "pyproject.toml", PROJECT)
    run_here([str(UV), "lock", "--quiet"], code, "")
    write(code / "pyproject.toml", PROJECT.replace('"paper"', '"paper", "ink"'))
    with pytest.raises(StationError, match="uv lock --check failed"):
        pinned(code, Source(git=GIT), UV)


def test_a_plain_list_of_versions_is_taken_whole_and_gets_hashes(code, wheel):
    with_hash = wheel("paper", "1.0")
    wheel("paper", "2.0")
    write(code / "requirements.txt", "paper==1.0\n")
    found = pinned(code, Source(git=GIT, lock="requirements.txt"), UV)
    assert found.text.split() == with_hash.replace(" ", " \\ ", 1).split()
    assert found.local == ()


def test_a_lock_that_leaves_a_need_open_is_refused_by_name(code, wheel):
    write(code / "lock.txt", wheel("paper", "1.0", "ink"))
    wheel("ink", "2.0")
    write(code / "pyproject.toml", PROJECT)
    with pytest.raises(StationError, match="does not say which version of ink is meant"):
        pinned(code, Source(git=GIT, lock="lock.txt"), UV)


def test_a_published_package_is_solved_with_what_comes_beside_it(code, wheel):
    for name, needs in (("paper", ["ink"]), ("ink", []), ("server", [])):
        wheel(name, "1.0", *needs)
    found = pinned(code, Source(package="paper==1.0", extra=("server==1.0",)), UV)
    assert list(blocks(found.text)) == ["ink", "paper", "server"]
    assert found.text.count("--hash=sha256:") == 3


def test_what_comes_beside_moves_no_version_of_the_lock(code, wheel):
    lock = wheel("paper", "1.0", "ink") + wheel("ink", "1.0")
    wheel("ink", "2.0")
    server = wheel("server", "1.0", "ink")
    write(code / "lock.txt", lock)
    found = pinned(code, Source(git=GIT, lock="lock.txt", extra=("server==1.0",)), UV)
    assert found.text.startswith(lock)
    assert found.text.removeprefix(lock).split() == server.replace(" ", " \\ ", 1).split()


def test_a_repository_without_any_lock_is_told_which_file_might_be_one(code):
    write(code / "pyproject.toml", PROJECT)
    write(code / "requirements.txt", "paper==1.0\n")
    with pytest.raises(StationError, match=r"has no uv\.lock") as told:
        pinned(code, Source(git=GIT), UV)
    assert 'source.lock = "requirements.txt"' in told.value.hint


def test_a_link_out_of_the_repository_is_no_lock(code):
    (code / "lock.txt").symlink_to("/etc/passwd")
    with pytest.raises(StationError, match="leads out of the repository"):
        pinned(code, Source(git=GIT, lock="lock.txt"), UV)
