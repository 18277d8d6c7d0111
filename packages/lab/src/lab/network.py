"""The network of a run: a bridge with the test machine at .254 and the hosts at .1, .2, …; it can be cut and healed.

A cut is silent: the cable stays in, nothing comes through. It outlasts the reboot of a host.
"""

from pathlib import Path

from lab.claim import Run
from lab.commands import run
from lab.errors import LabError

MACHINE = 254  # the test machine's own place in the network


class Network:
    """The hosts of a run, joined. Hosts are named by their index: 1, 2, …"""

    def __init__(self, run_: Run, count: int) -> None:
        self._run = run_
        self._count = count
        self.address = run_.address(MACHINE)

    def build(self) -> None:
        """Make the bridge, and for each host a dark one that leads nowhere."""
        run(["ip", "link", "add", self._run.bridge, "type", "bridge"])
        run(["ip", "address", "add", f"{self.address}/24", "dev", self._run.bridge])
        run(["ip", "link", "set", self._run.bridge, "up"])
        for index in self._indexes:
            run(["ip", "link", "add", self._dark(index), "type", "bridge"])
            run(["ip", "link", "set", self._dark(index), "up"])
            self._note(index, "bridge", self._run.bridge)

    def cut(self, index: int) -> None:
        """Nothing goes to the host or comes from it, until `heal`."""
        self._move(index, self._dark(index))

    def part(self) -> None:
        """The hosts do not see each other, but the test machine, and what it serves, sees them all, until `heal`."""
        for index in self._indexes:
            self._note(index, "isolated", "on")
            apply_isolation(self._run, index)

    def heal(self, index: int | None = None) -> None:
        """Undo `cut` and `part`, for one host or for all of them."""
        for healed in self._indexes if index is None else [index]:
            self._note(healed, "isolated", "off")
            self._move(healed, self._run.bridge)

    def is_cut(self, index: int) -> bool:
        return self._noted(index, "bridge") != self._run.bridge

    @property
    def _indexes(self) -> range:
        return range(1, self._count + 1)

    def _dark(self, index: int) -> str:
        return f"{self._run.bridge}-dark{index}"

    def _move(self, index: int, bridge: str) -> None:
        if index not in self._indexes:
            raise LabError(f"There is no host {index} in this network of {self._count}")
        self._note(index, "bridge", bridge)
        link = link_of(self._run, index)
        if Path("/sys/class/net", link).exists():  # else it is off, and its keeper reads the note when it boots
            run(["ip", "link", "set", link, "master", bridge])
            apply_isolation(self._run, index)

    def _note(self, index: int, name: str, value: str) -> None:
        folder = self._run.folder / str(index)
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.new").write_text(value)
        (folder / f"{name}.new").rename(folder / name)

    def _noted(self, index: int, name: str) -> str:
        return (self._run.folder / str(index) / name).read_text()


def link_of(run_: Run, index: int) -> str:
    """The machine's end of the host's cable, as systemd-nspawn names it."""
    return f"vb-{run_.machine(index)}"


def apply_isolation(run_: Run, index: int) -> None:
    """Make the host's place at the bridge isolated or not, as noted; without effect while the host is off."""
    noted = run_.folder / str(index) / "isolated"
    link = link_of(run_, index)
    if noted.exists() and Path("/sys/class/net", link, "brport").exists():
        run(["bridge", "link", "set", "dev", link, "isolated", noted.read_text()])
