"""The files that browsers get: the vendored one as it was published, and colours that everybody can read."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import bookedbiz.web

STATIC = Path(bookedbiz.web.__file__).parent / "static"
SHEET = (STATIC / "bookedbiz.css").read_text(encoding="utf-8")


def test_vendored_files_are_as_they_were_published() -> None:
    folders = [path.parent for path in STATIC.glob("vendor/*/VENDOR.toml")]
    assert folders == list(STATIC.glob("vendor/*"))
    for folder in folders:
        for name, about in tomllib.loads((folder / "VENDOR.toml").read_text(encoding="utf-8")).items():
            assert about["version"] in (folder / f"{name}.min.js").read_text(encoding="utf-8")[:120]
            listed = about["files"]
            assert {*listed, "VENDOR.toml"} == {path.name for path in folder.iterdir()}
            for file, entry in listed.items():
                assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == entry["sha256"], file


def colours(scheme: str) -> dict[str, str]:
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)")[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", dark.split("}")[0]))
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    colour = colours(scheme)
    tints = ("panel", "ground", "soft", "closed", "open", "running", "later")
    pairs = [(text, ground) for text in ("text", "muted", "down", "up", "accent") for ground in tints]
    pairs += [("accent-text", "accent"), ("warn", "panel"), ("down", "bad-ground")]
    weak = {pair: round(contrast(colour[pair[0]], colour[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_and_the_edges_of_fields_stand_out_from_the_panel(scheme: str) -> None:
    colour = colours(scheme)
    assert contrast(colour["edge"], colour["panel"]) > 3
    assert contrast(colour["now"], colour["panel"]) > 3
    assert contrast(colour["now"], colour["before"]) > 1.5
