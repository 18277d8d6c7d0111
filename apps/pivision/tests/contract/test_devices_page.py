"""docs/devices.md is what the server does: its examples are run, its tables held against the code."""

import ast
import hashlib
import hmac
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pivision
from pivision import signing
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.ingest import forms
from pivision.ingest.api import METHODS
from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture

SOURCE = Path(pivision.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "devices.md"
SIGNED = "\n## Signed, instead of with the key\n"
NOT_FOR_DEVICES = {(403, "not_allowed")}  # the metrics'


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    made = make_live(tmp_path)
    with made.running():
        yield made


def rows(page: str, title: str) -> list[list[str]]:
    """The cells of the first table below a title."""
    part = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def commands(page: str) -> str:
    """All examples as one script."""
    return "\n".join(
        match.group(1).replace("\n    ", "\n")
        for match in re.finditer(r"^    \$ ((?:.*\n(?:        .*\n)*))", page, re.MULTILINE)
    )


def in_a_shell(script: str, environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def refusals() -> set[tuple[int, str]]:
    """Every Refusal that the code makes for a device: status and code."""
    found = set()
    for file in (*SOURCE.glob("ingest/*.py"), SOURCE / "server.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                status, code = (argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant))
                found.add((int(str(status)), str(code)))
    return found - NOT_FOR_DEVICES


def test_the_table_of_refusals_is_the_codes(page: str) -> None:
    told = [(int(row[0]), row[1].strip("`")) for row in rows(page, "When it is refused")]
    assert len(told) == len(set(told))
    assert set(told) == refusals()


def test_every_field_and_header_that_is_read_is_on_the_page_and_no_other(page: str) -> None:
    told: dict[str, str] = {}
    for fields, headers, _ in rows(page, "A picture"):
        told |= dict(zip(re.findall(r"`(\w+)`", fields), re.findall(r"`([\w-]+)`", headers), strict=True))
    assert {name: header.lower().encode() for name, header in told.items()} == forms._HEADERS


def test_every_address_is_on_the_page(page: str) -> None:
    told = re.findall(r"^\| `(GET|POST) (\S+)` \|", page, re.MULTILINE)
    assert {path: method for method, path in told} == METHODS


def test_every_header_in_which_something_is_said_is_signed() -> None:
    assert tuple(name.encode() for name in signing.SAID) == tuple(sorted(forms._HEADERS.values()))


def test_the_example_of_a_signature_is_right(page: str) -> None:
    section = page.partition(SIGNED)[2].partition("\n## ")[0]
    key = re.findall(r"`(pvk_[^`]+)`", section)[0]
    lines, expected, proof = (
        re.sub(r"^    ", "", block, flags=re.MULTILINE).strip()
        for block in re.findall(r"\n\n((?:    [^$ ].*\n)+)", section)
    )
    said = dict(line.split(":", 1) for line in lines.splitlines()[6:])
    method, path, at, nonce, digest = lines.splitlines()[1:6]
    body = re.findall(r"with the body `([^`]+)`", section)[0].encode()
    made = signing.signed_headers(key, signing.Stamp(at, nonce), method, path, body, said)
    assert (made["X-Body-Sha256"], made["X-Signature"]) == (digest, expected)
    by_hand = hmac.new(hashlib.sha256(key.encode()).digest(), lines.encode(), "sha256").hexdigest()
    assert by_hand == expected
    moment = re.findall(r"To `([^`]+)`, after", section)[0]
    assert signing.time_proof(signing.signing_key(key), moment, nonce) == proof


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("openssl"), reason="apt install curl openssl")
def test_the_signed_picture_of_the_page_is_taken(page: str, live: Live, tmp_path: Path) -> None:
    by = By("test", datetime.now(UTC))
    key = live.device("stand")
    with live.db() as db:
        registry.require_signatures(db, "stand", by, wanted=True)
    (tmp_path / "picture.jpg").write_bytes(picture(1, 640, 480))
    section = page.partition(SIGNED)[2].partition("\n## ")[0]
    script = f"SERVER=http://127.0.0.1:{live.port}\n{commands(section)}"
    ended = in_a_shell(script, {"PATH": live.environ["PATH"], "KEY": key, "no_proxy": "*"}, tmp_path)
    assert json.loads(ended.stdout)["ok"] is True, ended.stdout
    assert live.rows("SELECT seq, boot_id FROM capture") == [(4, "card-1")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here: apt install curl")
def test_the_examples_work_as_they_stand(page: str, live: Live, tmp_path: Path) -> None:
    by = By("test", datetime.now(UTC))
    with live.db() as db:
        registry.add(db, "stand", "", by)
        code = access.make_code(db, "stand", by).reveal()
    (tmp_path / "picture.jpg").write_bytes(picture(1, 640, 480))
    before, _, after = page.partition(SIGNED)
    script = commands(before + after.partition("\n## ")[2]).replace("127.0.0.1:8080", f"127.0.0.1:{live.port}")
    ended = in_a_shell(script, {"PATH": live.environ["PATH"], "CODE": code, "no_proxy": "*"}, tmp_path)
    objects, status = ended.stdout.rpartition("}304")[0] + "}", ended.stdout.partition("}304")[1]
    assert status == "}304", ended.stdout
    answers = [json.loads(text) for text in re.split(r"(?<=})(?={\"ok\")", objects + ended.stdout.partition("}304")[2])]
    assert [answer["ok"] for answer in answers] == [True] * 6, answers
    assert live.rows("SELECT seq, boot_id FROM capture ORDER BY id") == [(n, "card-1") for n in (1, 2, 3)]
    assert live.rows("SELECT rssi, uptime_s FROM device WHERE name = 'stand'") == [(-61, 60)]
