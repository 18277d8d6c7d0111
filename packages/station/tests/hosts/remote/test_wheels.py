"""Wheels for another machine: solved for it, with hashes, and refused when there is none."""

from dataclasses import replace
from pathlib import Path

import pytest

from station.errors import StationError
from station.hosts.remote.own import checkout
from station.hosts.remote.target import Target, target_of
from station.hosts.remote.wheels import Tools, exactly, fetch, find_tools, sha256_of, solve

OLD, NEW = Target("aarch64", "3.11"), Target("aarch64", "3.13")


@pytest.fixture
def tools(tmp_path: Path, make_wheel) -> Tools:
    """The tools, with a folder of wheels in place of an index: `one` needs `two` on an older Python alone."""
    folder = tmp_path / "index"
    make_wheel(folder, "one", "1.0", needs=("two; python_version < '3.12'",))
    make_wheel(folder, "two", "2.0")
    make_wheel(folder, "intel", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64")
    return replace(find_tools(checkout(), folder), lock="")


def names(text: str) -> list[str]:
    return [line.split("==")[0] for line in text.splitlines() if "==" in line]


def test_what_is_needed_there_counts_not_what_is_needed_here(tools: Tools) -> None:
    assert names(solve(tools, ["one"], OLD)) == ["one", "two"]
    assert names(solve(tools, ["one"], NEW)) == ["one"]


def test_what_is_fetched_is_what_was_solved(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    fetched = fetch(tools, solve(tools, ["one"], OLD), tmp_path / "wheels", OLD)
    assert [path.name for path in fetched] == ["one-1.0-py3-none-any.whl", "two-2.0-py3-none-any.whl"]
    assert exactly(fetched).splitlines()[1] == f"two==2.0 --hash=sha256:{sha256_of(fetched[1])}"


def test_a_package_without_a_wheel_for_the_machine_is_named(tools: Tools) -> None:
    assert names(solve(tools, ["intel"], Target("x86_64", "3.11"))) == ["intel"]
    with pytest.raises(StationError, match=r"(?s)There is no wheel for aarch64 with Python 3\.11: .*intel"):
        solve(tools, ["intel"], OLD)


def test_a_wheel_that_the_lock_does_not_know_is_refused(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    solved = solve(tools, ["two"], OLD)
    locked = replace(tools, lock=f"two==2.0 \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(StationError, match=r"two-2\.0-py3-none-any\.whl is not what requirements/lock\.txt says"):
        fetch(locked, solved, tmp_path / "wheels", OLD)
    assert list((tmp_path / "wheels").iterdir()) == []


def test_an_index_out_of_reach_is_told_as_that(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    with pytest.raises(StationError, match="The package index was not reached"):
        solve(replace(tools, wheels=None), ["one"], OLD)


def test_a_processor_that_no_host_has_is_refused() -> None:
    with pytest.raises(StationError, match="No bundle for riscv64"):
        target_of("riscv64", "3.11")


@pytest.mark.parametrize(
    ("wheel", "takes"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-py2.py3-none-any.whl", True),
        ("a-1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", True),
        ("a-1-cp39-abi3-manylinux_2_28_aarch64.whl", True),
        ("a-1-cp312-abi3-manylinux_2_28_aarch64.whl", False),
        ("a-1-cp312-cp312-manylinux_2_17_aarch64.whl", False),
        ("a-1-cp311-cp311t-manylinux_2_17_aarch64.whl", False),
        ("a-1-cp311-cp311-manylinux_2_39_aarch64.whl", False),
        ("a-1-cp311-cp311-musllinux_1_2_aarch64.whl", False),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", False),
        ("a-1-1build-py2-none-any.whl", False),
    ],
)
def test_a_machine_takes_the_wheels_that_are_for_it(wheel: str, takes: bool) -> None:
    assert OLD.takes(wheel) is takes


def test_a_wheel_that_is_not_the_one_that_was_solved_is_not_taken(tools: Tools, tmp_path: Path) -> None:
    assert tools.wheels is not None
    (tmp_path / "wheels").mkdir()
    solved = solve(tools, ["two"], OLD)
    (tools.wheels / "two-2.0-py3-none-any.whl").write_bytes(b"another")
    with pytest.raises(StationError, match=r"two==2\.0 is not in"):
        fetch(tools, solved, tmp_path / "wheels", OLD)
