"""The ESP32 sketch: its words are the server's; its own code, compiled for this machine, speaks with a real one."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pivision.camera import server as client
from pivision.config import Cadence, Config
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from pivision.ingest import forms, meta, replies
from pivision.ingest.api import METHODS
from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture

HOST = Path(__file__).parent / "host"
SKETCH = Path(__file__).parents[2] / "firmware" / "esp32" / "pivision"
PIR, BATTERY = 13, 33
BLOCK = 1000
QUICK = Cadence(capture_interval_ms=100, config_poll_interval_ms=1000, burst_cooldown_ms=0, width=1024)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
HEADERS = {name.decode() for name in forms._HEADERS.values()} | {"x-device-key"}


def words(prefix: str) -> set[str]:
    """The sketch's words of one kind."""
    text = (SKETCH / "contract.h").read_text(encoding="utf-8")
    return set(re.findall(rf'constexpr char {prefix}_\w+\[\] = "([^"]+)";', text))


def test_its_addresses_are_the_servers() -> None:
    assert words("PATH") == set(METHODS)


def test_its_headers_are_read_by_the_server_and_so_are_the_other_clients() -> None:
    assert {name.lower() for name in words("HEADER")} <= HEADERS
    others = re.findall(r'"(X-[\w-]+)"', Path(client.__file__).read_text(encoding="utf-8"))
    assert others and {name.lower() for name in others} <= HEADERS


def test_what_it_tells_is_what_the_server_keeps() -> None:
    assert words("TELL") <= {*meta._TELEMETRY, "device_id", "code"}


def test_what_it_waits_for_is_in_the_servers_answers() -> None:
    order = replies.command(Config(), 3, None, NOW)
    whole = replies.configuration("stand", Config(), order)
    known = {"key", *order, *order["command"], *whole["config"]}  # type: ignore[misc]
    assert words("SAID") <= known


def test_no_word_of_the_wire_stands_anywhere_else() -> None:
    for file in SKETCH.iterdir():
        if file.name != "contract.h":
            assert not re.search(r'"(X-|/api)', file.read_text(encoding="utf-8")), file.name


class Camera:
    """The sketch as a program, its flash and pins as files of a folder."""

    def __init__(self, program: Path, home: Path, live: Live) -> None:
        self.program, self.home, self.live = program, home, live
        self.server = ExitStack()

    def start_server(self) -> None:
        self.server.enter_context(self.live.running())

    @contextmanager
    def running(self, speed: int = 1) -> Iterator["subprocess.Popen[bytes]"]:
        """`speed`: how many of its seconds are one of ours."""
        told = {"ESP_HOME": str(self.home), "ESP_SPEED": str(speed)}
        with (self.home / "log").open("wb") as log:
            process = subprocess.Popen([self.program], env=told, stdout=log)
        try:
            yield process
        finally:
            process.kill()  # as a power cut does
            process.wait()

    def order(self, cadence: Cadence) -> int:
        with self.live.db() as db:
            device_id = registry.device(db, "stand").id
            version = configs.in_force(db, device_id).version
            return configs.put(db, device_id, Config(cadence=cadence), By("test", datetime.now(UTC)), expected=version)

    def switch(self, *, on: bool) -> None:
        with self.live.db() as db:
            db.execute("UPDATE device SET enabled = ? WHERE name = 'stand'", (int(on),))

    def sent(self) -> list[tuple[str, int]]:
        return [(str(a), int(str(b))) for a, b in self.live.rows("SELECT boot_id, seq FROM capture ORDER BY id")]

    def until(self, what: Callable[[], object]) -> None:
        ends = time.monotonic() + 60
        while not what():
            assert time.monotonic() < ends, (self.home / "log").read_text()
            time.sleep(0.05)

    def until_more(self, many: int) -> None:
        wanted = len(self.sent()) + many
        self.until(lambda: len(self.sent()) >= wanted)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    """The sketch with its settings filled in, as somebody does who flashes it."""
    if shutil.which("g++") is None:
        pytest.skip("no C++ compiler: apt install g++")
    live = make_live(tmp_path_factory.mktemp("live"))
    by = By("test", datetime.now(UTC))
    with live.db() as db:
        registry.add(db, "stand", "", by)
        code = access.make_code(db, "stand", by).reveal()
    folder, home = tmp_path_factory.mktemp("sketch"), tmp_path_factory.mktemp("flash")
    shutil.copytree(SKETCH, folder, dirs_exist_ok=True)
    settings = (folder / "settings.h").read_text(encoding="utf-8")
    for name, value in (("SERVER", f"http://127.0.0.1:{live.port}"), ("CODE", code)):
        settings, many = re.subn(rf'({name}\[\] = )"[^"]*"', rf'\1"{value}"', settings)
        assert many == 1
    for name, number in (("PIR_PIN", PIR), ("BATTERY_PIN", BATTERY)):
        settings = settings.replace(f"{name} = -1", f"{name} = {number}")
    (folder / "settings.h").write_text(settings, encoding="utf-8")
    strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers"]
    places = ["-I", folder, "-I", HOST]
    subprocess.run(["g++", *strict, *places, "-o", home / "camera", HOST / "main.cpp"], check=True)
    (home / "picture.jpg").write_bytes(picture(3))
    made = Camera(home / "camera", home, live)
    made.order(QUICK)
    with made.server:
        made.start_server()
        yield made


def test_it_enrols_asks_what_to_do_and_sends(camera: Camera) -> None:
    with camera.running():
        camera.until_more(3)
    [first, *_] = camera.sent()
    assert first[1] == 1 and re.fullmatch(r"[0-9a-f]{16}", first[0])
    assert camera.live.rows("SELECT config_seen, fw_version, rssi, battery_mv FROM device WHERE name = 'stand'") == [
        (1, "esp32-1.0", -55, 3800)
    ]
    assert (camera.home / "flash-size").read_text() == "3"  # XGA: 1024 wide


def test_after_a_power_cut_no_number_comes_twice(camera: Camera) -> None:
    with camera.running():
        camera.until_more(1)
    for _ in range(2):
        before = camera.sent()
        with camera.running():
            camera.until_more(2)
        after = camera.sent()[len(before) :]
        assert {life for life, _ in after} == {before[0][0]}
        assert after[0][1] == (before[-1][1] // BLOCK + 1) * BLOCK + 1


def test_while_nobody_answers_it_gives_nothing_up(camera: Camera) -> None:
    camera.order(replace(QUICK, config_poll_interval_ms=3_600_000))  # what fails is the sending of a picture
    before = len(camera.sent())
    with camera.running(speed=4):
        camera.until_more(2)
        camera.server.close()  # killed, whatever is on its way
        camera.until(lambda: "status=-1" in (camera.home / "log").read_text())
        camera.start_server()
        camera.until_more(3)
    numbers = [seq for _, seq in camera.sent()[before:]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_camera_that_was_switched_off_and_on_is_back(camera: Camera) -> None:
    camera.switch(on=False)
    with camera.running(speed=60):
        camera.until(lambda: "status=403" in (camera.home / "log").read_text())
        camera.switch(on=True)
        camera.until_more(1)


def test_while_nothing_is_to_be_sent_it_says_how_it_is(camera: Camera) -> None:
    camera.order(replace(QUICK, capture_interval_ms=3_600_000))
    with camera.running(speed=60):
        camera.until(lambda: camera.live.rows("SELECT 1 FROM device WHERE name = 'stand' AND uptime_s >= 60"))
    told = camera.live.rows("SELECT free_heap, spool_depth, reset_reason FROM device WHERE name = 'stand'")
    assert told == [(123456, 0, "power on")]


HURRY = """
CREATE TRIGGER hurry AFTER INSERT ON capture
BEGIN UPDATE device SET burst_until = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+14 seconds') WHERE id = new.device_id; END
"""


def test_a_burst_that_is_wanted_after_a_picture_is_heard_of_at_once(camera: Camera) -> None:
    """The answer to a picture comes before the worker has looked at it."""
    camera.order(replace(QUICK, capture_interval_ms=3_600_000, config_poll_interval_ms=3_600_000, burst_fps=10.0))
    with camera.live.db() as db:
        db.execute(HURRY)
    with camera.running():
        camera.until_more(4)
    with camera.live.db() as db:
        db.execute("DROP TRIGGER hurry")
        db.execute("UPDATE device SET burst_until = NULL")


def test_a_movement_makes_it_quick(camera: Camera) -> None:
    camera.order(replace(QUICK, capture_interval_ms=3_600_000, burst_fps=10.0))
    with camera.running():
        camera.until_more(1)
        (camera.home / f"pin-{PIR}").write_text("moves")
        camera.until_more(4)
    (camera.home / f"pin-{PIR}").unlink()
    assert camera.live.rows("SELECT meta ->> 'burst' FROM capture ORDER BY id DESC LIMIT 1") == [(1,)]
