"""restore.py of a chain, run by a bare Python and the real programs; and one group of a delta, taken apart by hand."""

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage
import pytest

from station.points.point import Point
from station.sqlite.scan import scan_file
from station.stores.cipher import Cipher

MISSING = [program for program in ("sqlite3", "zstd", "unzstd", "age") if not shutil.which(program)]
pytestmark = pytest.mark.skipif(
    bool(MISSING) and os.environ.get("CI") != "true", reason=f"not installed: {', '.join(MISSING)} (apt: zstd age)"
)
DOCUMENT = next(
    folder / "docs" / "restore-by-hand.md"
    for folder in Path(__file__).parents
    if (folder / "docs" / "restore-by-hand.md").exists()
)


@pytest.fixture
def folder(bench: Any, chain: Any, tmp_path: Path) -> Path:
    """The chain as somebody found it: in a folder of its own, far from anything of ours."""
    shutil.copytree(bench.store.path / chain.points[0].folder, tmp_path / "found" / "chain")
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "found" / "chain"


def run(folder: Path, *arguments: str | Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """`python3 -I`: no site of ours, no PYTHONPATH, no folder of the script on the path."""
    environment = {"PATH": path or "/usr/bin:/bin", "LC_ALL": "C"}
    python = Path(sys.base_prefix) / "bin" / "python3"
    return subprocess.run(
        [python, "-I", "-S", folder / "restore.py", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder.parents[1] / "elsewhere",
        check=False,
    )


def test_it_restores_every_point_of_a_mixed_chain(folder: Path, chain: Any) -> None:
    for point in chain.points:
        done = run(folder, f"{point.seq}.db", str(point.seq))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"ok\n{point.seq}.db is the point {point.seq:06d}, taken at 2026-11-21T02:45:")
        restored = folder.parents[1] / "elsewhere" / f"{point.seq}.db"
        assert scan_file(restored).digest == point.digest
        assert restored.stat().st_size == point.page_count * point.page_size
    assert run(folder, "newest.db").returncode == 0
    found = folder.parents[1] / "elsewhere"
    assert scan_file(found / "newest.db").digest == chain.points[-1].digest
    assert len(list(found.iterdir())) == len(chain.points) + 1


def test_it_restores_pages_that_were_split_off_others(bench: Any, deltas: Any, tmp_path: Path) -> None:
    point = deltas.split_pages()
    folder = tmp_path / "found" / "chain"
    shutil.copytree(bench.store.path / point.folder, folder)
    (tmp_path / "elsewhere").mkdir()
    done = run(folder, "out.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert scan_file(tmp_path / "elsewhere" / "out.db").digest == point.digest


def test_it_does_not_need_this_program(folder: Path) -> None:
    source = (folder / "restore.py").read_text()
    assert "station" not in source and "zstandard" not in source


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_it_writes_over_nothing(folder: Path, suffix: str) -> None:
    there = folder.parents[1] / "elsewhere" / f"out.db{suffix}"
    there.write_bytes(b"somebody's")
    done = run(folder, "out.db")
    assert done.returncode == 1 and f"out.db{suffix} exists already" in done.stderr
    assert there.read_bytes() == b"somebody's" and len(list(there.parent.iterdir())) == 1


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def moved(file: Path) -> None:
    file.write_bytes(file.with_name("000002.json").read_bytes())


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("000003.delta", flipped, "000003.delta is damaged"),
        ("000003.delta", cut, "000003.delta is damaged"),
        ("000003.delta", Path.unlink, "000003.delta is missing"),
        ("000003.json", cut, "the record 000003.json cannot be read"),
        ("000003.json", moved, "it is of another point"),
        ("000003.json", Path.unlink, "there is no record 000003.json"),
    ],
)
def test_it_stops_at_the_point_before_what_is_damaged(
    folder: Path, chain: Any, name: str, damage: Any, said: str
) -> None:
    damage(folder / name)
    done = run(folder, "out.db")
    assert done.returncode == 1 and said in done.stderr and "out.db is the point 000002" in done.stdout
    assert scan_file(folder.parents[1] / "elsewhere" / "out.db").digest == chain.points[2].digest


def test_without_a_whole_base_there_is_nothing(folder: Path) -> None:
    flipped(folder / "base.db.zst")
    done = run(folder, "out.db")
    assert done.returncode == 1 and "Nothing restored: base.db.zst is damaged" in done.stderr
    assert list((folder.parents[1] / "elsewhere").iterdir()) == []


def test_a_point_that_is_not_there_is_said_so(folder: Path) -> None:
    done = run(folder, "out.db", "9")
    assert done.returncode == 1 and "there is no record 000005.json" in done.stderr
    assert "out.db is the point 000004" in done.stdout


def test_a_missing_program_is_named(folder: Path, tmp_path: Path) -> None:
    done = run(folder, "out.db", path=str(tmp_path))
    assert done.returncode == 1 and "apt install zstd" in done.stderr
    assert list((folder.parents[1] / "elsewhere").iterdir()) == []


def test_an_encrypted_chain_needs_the_key_file(bench: Any, deltas: Any, tmp_path: Path) -> None:
    keys = tmp_path / "store.key"
    keys.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    keys.chmod(0o600)
    deltas.cipher = Cipher(keys, "disk")
    bench.add_rows(200)
    deltas.take()
    for encoding in ("delta", "plain"):
        deltas.encoding = encoding
        bench.add_rows(5)
        point: Point = deltas.take()
    folder = tmp_path / "found" / "chain"
    shutil.copytree(bench.store.path / point.folder, folder)
    (tmp_path / "elsewhere").mkdir()
    names = {"000001.delta.age", "000002.wal.zst.age", "base.db.zst.age", "restore.py", "restore.sh"}
    assert {file.name for file in folder.iterdir() if file.suffix != ".json"} == names
    without = run(folder, "out.db")
    assert without.returncode == 1 and "say --key FILE" in without.stderr
    other = tmp_path / "other.key"
    other.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    wrong = run(folder, "out.db", "--key", other)
    assert wrong.returncode == 1 and "base.db.zst.age cannot be read" in wrong.stderr
    done = run(folder, "out.db", "--key", keys)
    assert (done.returncode, done.stderr) == (0, "")
    assert scan_file(tmp_path / "elsewhere" / "out.db").digest == point.digest


def test_the_shell_script_says_who_restores_what_it_cannot(folder: Path, chain: Any) -> None:
    def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
        script = ["sh", str(folder / "restore.sh"), *arguments]
        return subprocess.run(script, capture_output=True, text=True, cwd=folder.parents[1] / "elsewhere", check=False)

    done = shell("out.db")
    assert done.returncode == 1 and "000001.delta is not for this script: python3" in done.stderr
    assert f"{folder}/restore.py out.db" in done.stderr
    assert list((folder.parents[1] / "elsewhere").iterdir()) == []
    assert shell("out.db", "000000").returncode == 0
    (folder / "base.db.zst").rename(folder / "base.db.zst.age")
    assert "base.db.zst.age is not for this script" in shell("other.db", "000000").stderr


def test_one_group_comes_apart_by_hand(folder: Path, chain: Any) -> None:
    """The lines of docs/restore-by-hand.md, in the chain's folder."""
    (lines,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert run(folder, folder / "before.db", "0").returncode == 0
    assert run(folder, "after.db", "1").returncode == 0
    command = [sys.executable, "-c", lines]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    numbers = [int(number) for number in re.findall(r"\d+", done.stdout.partition("[")[2].partition("]")[0])]
    assert len(numbers) == chain.points[1].changed_pages
    after, found = (folder.parents[1] / "elsewhere" / "after.db").read_bytes(), (folder / "new-pages").read_bytes()
    assert found == b"".join(after[(number - 1) * 4096 : number * 4096] for number in numbers)


def test_the_frames_of_a_group_know_a_wrong_dictionary(folder: Path, chain: Any, tmp_path: Path) -> None:
    delta = (folder / "000001.delta").read_bytes()
    _, list_bytes, frame_bytes = struct.unpack_from(">III", delta, 20)
    (tmp_path / "frame").write_bytes(delta[32 + list_bytes : 32 + list_bytes + frame_bytes])
    (tmp_path / "old").write_bytes(bytes(4096 * chain.points[1].changed_pages))
    command = ["zstd", "-d", "-c", f"--patch-from={tmp_path / 'old'}", str(tmp_path / "frame")]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
