"""docs/api.md is what the API does: its examples are run, its codes are those of the code."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pivision
from pivision import users
from pivision.api.routes import operations
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.pictures.filing import write_durably
from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture
from pivision.users import Role
from pivision.web.errors import CODES
from station_kit.environment import Secret

SOURCE = Path(pivision.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "api.md"
OF_FLASK = {
    "form_not_accepted", "not_signed_in", "forbidden", "not_found", "method_not_allowed", "request_entity_too_large",
    "not_done", "database_not_reachable",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """With anna, the camera stand, and two changes of its goods."""
    made = make_live(tmp_path)
    made.device("stand")
    at = utc_text(datetime.now(UTC))
    with made.db() as db:
        users.add(db, "anna", Role.ADMIN, Secret("a long enough password"), By("test", datetime.now(UTC)))
        for event_id in (1, 2):
            db.execute(
                "INSERT INTO event (id, device_id, kind, start_capture_id, started_at, confidence, summary, details,"
                " created_at) VALUES (?, 2, 'stock_changed', ?, ?, 0.9, 'x', '{}', ?)",
                (event_id, event_id, at, at),
            )
            path = f"events/stand/{event_id}/pre.jpg"
            write_durably(tmp_path / path, picture(event_id, 64, 48))
            db.execute(
                "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
                " VALUES (?, 'pre', ?, 64, 48, 9, ?)",
                (event_id, path, at),
            )
    with made.running():
        yield made


def commands(page: str) -> str:
    """All examples as one script."""
    return "\n".join(re.findall(r"^    \$ (.*)$", page, re.MULTILINE))


def refusals() -> set[str]:
    """The codes of every Refusal that the API makes, and of every error of ours that it answers."""
    found = {code for _, code in CODES.values()}
    for file in SOURCE.glob("api/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refusal", "Refused"):
                code = node.args[1]
                found |= {str(code.value)} if isinstance(code, ast.Constant) else set()
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "bad_field":
                found.add("bad_field")
    return found


def test_the_table_of_refusals_is_the_codes(page: str) -> None:
    lines = page.partition("\n## When it is refused\n")[2].splitlines()
    told = [code for line in lines if line.startswith("| 4") or line.startswith("| 5")
            for code in re.findall(r"`([a-z_]+)`", line.split("|")[2])]  # fmt: skip
    assert len(told) == len(set(told))
    assert set(told) == refusals() | OF_FLASK


def test_every_address_that_is_named_is_there(page: str) -> None:
    there = {each.address.replace("<name>", "NAME") for each in operations()}
    for line in re.findall(r"^\| `.*$", page, re.MULTILINE):
        for address in re.findall(r"(?:/api/v1/admin/|…/)[A-Za-z/.-]+", line.split("|")[1]):
            rest = address.removeprefix("…").removeprefix("/api/v1/admin")
            places = {f"/api/v1/admin{prefix}{rest}" for prefix in ("", "/devices/NAME")}
            assert places & there, address


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here: apt install curl")
def test_the_examples_work_as_they_stand(page: str, live: Live, tmp_path: Path) -> None:
    script = commands(page).replace("http://127.0.0.1:8080", f"http://127.0.0.1:{live.port}")
    place = tmp_path / "shell"
    place.mkdir()
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**live.environ, "PATH": f"{Path(sys.executable).parent}:{live.environ['PATH']}", "no_proxy": "*"},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    shown = [json.loads(line) for line in ended.stdout.splitlines() if line.strip()]
    *done, conflict, tried, limits = shown
    assert [each["ok"] for each in (*done, tried, limits)] == [True] * 6, shown
    assert conflict["code"] == "version_conflict" and conflict["current"]["version"] == 1
    assert done[0]["events"][0]["id"] == 1 and done[1] == {"ok": True, "deleted": 1}
    files = {each.name: each.read_bytes() for each in place.iterdir()}
    assert json.loads(files["event.json"])["event"]["note"] == "a shadow"
    assert files["before.jpg"] == picture(1, 64, 48)
    assert all(json.loads(files[f"{part}.json"])["ok"] for part in ("system", "ingest", "queue", "database"))
    assert files["backup.zip"].startswith(b"PK") and json.loads(files["openapi.json"])["openapi"] == "3.1.0"
