"""A wheel made again from where it is installed."""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from station.hosts.remote.own import needs_of, repack


def test_an_installation_becomes_the_wheel_it_came_from(tmp_path: Path) -> None:
    made = repack(distribution("click"), tmp_path)
    assert made.name == f"click-{distribution('click').version}-py3-none-any.whl"
    uv = Path(sys.executable).with_name("uv")
    target = tmp_path / "there"
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-index", "--no-deps", "--target", target, made]
    subprocess.run(install, check=True)
    asked = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); import click; print(click)"]
    assert str(target) in subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_made_twice_it_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    one, two = repack(distribution("rich"), tmp_path), repack(distribution("rich"), tmp_path / "again")
    assert one.read_bytes() == two.read_bytes()


def test_what_a_wheel_needs_is_told_without_what_is_ours_and_without_extras(tmp_path: Path, make_wheel) -> None:
    made = make_wheel(tmp_path, "station", "1", needs=("station-kit", "click>=8", "tls ; extra == 'more'"))
    assert needs_of(made) == ["click>=8"]
