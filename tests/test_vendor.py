"""What tests take from others is as it was published."""

import hashlib
import tomllib
from pathlib import Path

VENDOR = Path(__file__).parent / "vendor"


def test_vendored_files_are_as_they_were_published() -> None:
    [folder] = [path for path in VENDOR.iterdir() if path.is_dir()]
    about = tomllib.loads((folder / "VENDOR.toml").read_text(encoding="utf-8"))["axe"]
    assert f"axe v{about['version']}" in (folder / "axe.min.js").read_text(encoding="utf-8")[:40]
    assert {*about["files"], "VENDOR.toml"} == {path.name for path in folder.iterdir()}
    for name, entry in about["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"], name
