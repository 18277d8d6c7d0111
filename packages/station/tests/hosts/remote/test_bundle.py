"""A bundle as a folder and as a file: whole, or refused."""

import hashlib
import tarfile
from pathlib import Path

import pytest

from station.errors import StationError
from station.hosts.remote import bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bundle"
    (place / "wheels").mkdir(parents=True)
    for name in ("wheels/a.whl", "install"):
        (place / name).write_text(name)
    sums = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in ("install", "wheels/a.whl")]
    (place / "SHA256SUMS").write_text("".join(sums))
    about = bundle.About(1, "i", "2026-03-01T00:00:00Z", "3.11", "aarch64", "s", "m", "fleet.toml", False, ("notes",))
    (place / "bundle.json").write_text(about.text)
    return place


def test_a_bundle_is_the_same_as_a_file_and_as_a_folder(folder: Path, tmp_path: Path) -> None:
    bundle.pack(folder, tmp_path / "b.tar")
    with bundle.opened(tmp_path / "b.tar") as unpacked, bundle.opened(folder) as there:
        assert unpacked.about == there.about
        assert unpacked.sums == there.sums
        assert unpacked.about.apps == ("notes",)
        assert (unpacked.folder / "wheels" / "a.whl").read_text() == "wheels/a.whl"


def test_the_same_bundle_is_the_same_file(folder: Path, tmp_path: Path) -> None:
    bundle.pack(folder, tmp_path / "one.tar")
    (folder / "install").touch()
    bundle.pack(folder, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_what_says_that_it_is_whole_comes_last_and_install_can_be_run(folder: Path, tmp_path: Path) -> None:
    bundle.pack(folder, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as file:
        assert file.getnames()[-1] == "bundle.json"
        assert file.getmember("install").mode == 0o755


@pytest.mark.parametrize("name", ["wheels/a.whl", "install"])
def test_a_damaged_bundle_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("changed")
    with pytest.raises(StationError, match=f"The bundle is damaged: {name}"):
        bundle.read(folder)


def test_a_bundle_that_was_cut_is_refused(folder: Path, tmp_path: Path) -> None:
    bundle.pack(folder, tmp_path / "b.tar")
    (tmp_path / "b.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:2000])
    with pytest.raises(StationError, match="is no bundle"), bundle.opened(tmp_path / "b.tar"):
        pass


def test_a_bundle_of_another_time_is_refused(folder: Path) -> None:
    text = (folder / "bundle.json").read_text()
    (folder / "bundle.json").write_text(text.replace('"version": 1', '"version": 2'))
    with pytest.raises(StationError, match="a bundle of version 2"):
        bundle.read(folder)
