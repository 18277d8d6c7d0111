"""What a Raspberry Pi tells of itself: temperature, power, and how its card is. Unknown where nothing tells."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here

WARM_C, HOT_C = 75.0, 82.0  # a Pi slows down from 80 °C on
_THROTTLED = {0: "too little voltage", 1: "processor slowed down", 2: "throttled", 3: "near its temperature limit"}
_SINCE_BOOT = 16  # the same four bits again: it happened since the start of the machine
_WORN_WARN, _WORN_FAIL = 8, 10  # tenths of its life: 8 is 70 to 80 % used up


def temperature(here: Here) -> Iterator[Said]:
    """The processor is cool enough not to be slowed down.

    By hand: vcgencmd measure_temp

    Remedy: a heat sink or a fan
    """
    found = _temperature_c()
    if found is None:
        yield unknown("", "this machine has no sensor that tells")
    elif found >= HOT_C:
        yield failed("", f"{found:.0f} °C: it is slowed down", "a heat sink or a fan")
    elif found >= WARM_C:
        yield warning("", f"{found:.0f} °C; from 80 °C on it is slowed down", "a heat sink or a fan")
    else:
        yield ok("", f"{found:.0f} °C")


def power(here: Here) -> Iterator[Said]:
    """The power supply keeps up: no low voltage, now or since the start of the machine.

    By hand: vcgencmd get_throttled

    Remedy: the power supply that belongs to the Pi, and a short cable
    """
    supply = "the power supply that belongs to the Pi, and a short cable"
    bits = _throttled()
    if bits is not None:
        now, before = throttled(bits)
        if now:
            yield failed("", f"now: {', '.join(now)} (get_throttled {bits:#x})", supply)
        elif before:
            yield warning("", f"since the start of the machine: {', '.join(before)} (get_throttled {bits:#x})", supply)
        else:
            yield ok("", "no low voltage and no throttling since the start of the machine")
        return
    alarms = [each for each in Path("/sys/class/hwmon").glob("hwmon*/in0_lcrit_alarm") if _is_rpi_volt(each.parent)]
    if not alarms:
        yield unknown("", "neither vcgencmd nor a voltage sensor of a Pi is here")
    elif alarms[0].read_text().strip() != "0":
        yield failed("", "low voltage now, says the sensor rpi_volt", supply)
    else:
        yield ok("", "the sensor rpi_volt sees no low voltage now")


def card(here: Here) -> Iterator[Said]:
    """The SD card or eMMC is not worn out, and its file systems have seen no errors.

    By hand: dmesg | grep -i mmc

    Remedy: another card; station bootstrap HOST, and the data come back from the store
    """
    errors = list(_file_system_errors())
    for name, count in errors:
        remedy = f"fsck at the next start (touch /forcefsck); tune2fs -l /dev/{name}; another card"
        yield failed(name, f"ext4 has seen {count} errors on it", remedy)
    told = False
    for device in sorted(Path("/sys/block").glob("mmcblk[0-9]")):
        worn = life_time(_text(device / "device" / "life_time"))
        told = True
        if worn is None:
            yield unknown(device.name, "this card does not tell how worn it is")
        elif worn >= _WORN_FAIL:
            yield failed(device.name, f"{_worn(worn)} of its life is used up", "replace it before it fails")
        elif worn >= _WORN_WARN:
            yield warning(device.name, f"{_worn(worn)} of its life is used up", "order another card")
        else:
            yield ok(device.name, f"{_worn(worn)} of its life is used up")
    if not told and not errors:
        yield unknown("", "there is no SD card or eMMC here; no file system has seen errors")


def throttled(bits: int) -> tuple[list[str], list[str]]:
    """What `vcgencmd get_throttled` says: what is so now, and what was so since the start of the machine."""
    now = [what for bit, what in _THROTTLED.items() if bits >> bit & 1]
    return now, [what for bit, what in _THROTTLED.items() if bits >> (bit + _SINCE_BOOT) & 1]


def life_time(text: str) -> int | None:
    """The worse of the two values of an eMMC, in tenths of its life; None when it tells none (0 or no eMMC)."""
    try:
        values = [int(word, 16) for word in text.split()]
    except ValueError:
        return None
    return max(values, default=0) or None


def _worn(tenths: int) -> str:
    return "more than 100 %" if tenths > 10 else f"{(tenths - 1) * 10} to {tenths * 10} %"


def _temperature_c() -> float | None:
    for zone in sorted(Path("/sys/class/thermal").glob("thermal_zone*/temp")):
        text = _text(zone).strip()
        if text.lstrip("-").isdigit():
            return int(text) / 1000
    return None


def _throttled() -> int | None:
    """Bits of the firmware; None where it cannot be asked."""
    try:
        ended = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=3, check=True)
        return int(ended.stdout.strip().removeprefix("throttled="), 16)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _file_system_errors() -> Iterator[tuple[str, int]]:
    for path in sorted(Path("/sys/fs/ext4").glob("*/errors_count")):
        text = _text(path).strip()
        if text.isdigit() and int(text) and _is_mounted(path.parent.name):
            yield path.parent.name, int(text)


def _is_mounted(device: str) -> bool:
    """Here: of a container's host more is to be seen than is ours."""
    mounted = {line.split()[0] for line in _text(Path("/proc/mounts")).splitlines()}
    return f"/dev/{device}" in mounted or "/dev/root" in mounted


def _is_rpi_volt(folder: Path) -> bool:
    return _text(folder / "name").strip() == "rpi_volt"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
