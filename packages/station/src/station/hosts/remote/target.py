"""For which kind of machine wheels are: its processor and its Python. Pure."""

import platform
import sys
from dataclasses import dataclass

from station.errors import StationError

GLIBC = {"3.11": 36, "3.13": 41}  # of the Debian that comes with this Python: 12 and 13
DEBIAN_ARCH = {"arm64": "aarch64", "amd64": "x86_64"}  # as dpkg calls them
_SOLVABLE = 40  # uv 0.13 knows no later glibc


@dataclass(frozen=True)
class Target:
    """A Debian machine: `arch` as the kernel calls it, `python` as 3.11."""

    arch: str
    python: str

    @property
    def title(self) -> str:
        return f"{self.arch} with Python {self.python}"

    @property
    def for_uv(self) -> str:
        return f"{self.arch}-manylinux_2_{min(GLIBC[self.python], _SOLVABLE)}"

    @property
    def for_pip(self) -> list[str]:
        """Every tag that a wheel may have there; pip wants them all."""
        tags = [f"manylinux_2_{minor}_{self.arch}" for minor in range(GLIBC[self.python], 4, -1)]
        return [*tags, f"manylinux2014_{self.arch}", f"manylinux1_{self.arch}", f"linux_{self.arch}"]

    def takes(self, wheel: str) -> bool:
        """Whether a wheel of that file name can be installed there."""
        pythons, abi, platforms = wheel.removesuffix(".whl").split("-")[-3:]
        minor = int(self.python.removeprefix("3."))
        older = {f"cp3{each}" for each in range(2, minor + 1)} if abi == "abi3" else set()
        known = {"py3", f"py3{minor}", f"cp3{minor}", *older}
        fits_python = abi in ("none", "abi3", f"cp3{minor}") and not known.isdisjoint(pythons.split("."))
        return fits_python and not {"any", *self.for_pip}.isdisjoint(platforms.split("."))


def target_of(arch: str, python: str) -> Target:
    """The kind of machine that is asked for; "this" is the processor of this one, "" its Python if there is a Debian
    with it, else the older one."""
    machine = platform.machine() if arch == "this" else arch
    version = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    if machine not in DEBIAN_ARCH.values():
        raise StationError(f"No bundle for {machine}: hosts are {' or '.join(sorted(DEBIAN_ARCH.values()))}")
    if version not in GLIBC:
        version = min(GLIBC)
    return Target(machine, version)
