"""One host of the lab: boot it, run things in it, write its files, reboot it, pull its plug."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from lab.commands import with_sbin
from lab.errors import LabError
from lab.inside import Inside
from lab.keeper import PLUG, Spec

BOOT_S = 120.0  # 1 s was measured
OFF_S = 100.0  # systemd gives a service that will not stop 90 s
LOOK_S = 0.02
CONSOLE_SHOWN = 3000  # bytes of the console that an error shows


class Host(Inside):
    """A Debian that was booted with systemd; off until `boot`."""

    def __init__(self, spec: Spec, address: str) -> None:
        super().__init__(spec.name)
        self.index = spec.index
        self.address = address
        self._spec = spec
        self._keeper: subprocess.Popen[bytes] | None = None
        self._boots = 0  # of the keeper that runs

    def boot(self) -> list[str]:
        """Switch it on and wait until it is up: the names of the units that failed, none when all is well."""
        if self._keeper is not None:
            raise LabError(f"{self.name} is on already")
        self._spec.write()
        (self._spec.folder / "state").unlink(missing_ok=True)
        with (self._spec.folder / "keeper.log").open("ab") as log:
            self._keeper = subprocess.Popen(
                ["unshare", "--mount", sys.executable, "-m", "lab.keeper", str(self._spec.folder)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=with_sbin(os.environ),
            )
        self._boots = 0
        return self._wait_until_up()

    def reboot(self) -> list[str]:
        """Reboot it as an operator does and wait until it is up again: the names of the units that failed."""
        self.run("systemctl", "reboot", check=False)  # check: the host may be gone before the answer
        return self._wait_until_up()

    def power_off(self) -> None:
        """Shut it down as an operator does: services are stopped, everything is written."""
        self.run("systemctl", "poweroff", check=False)
        self._wait_until_off(OFF_S)

    def pull_plug(self) -> None:
        """Cut its power: every process dies at once, and what was not synced to its disk is lost. `boot` goes on."""
        keeper = self._the_keeper()
        assert keeper.stdin is not None
        keeper.stdin.write(PLUG)
        keeper.stdin.flush()
        self._wait_until_off(BOOT_S)

    def end(self) -> None:
        """Take it down at once, in whatever state it is. Fine when it is off."""
        if self._keeper is not None:
            assert self._keeper.stdin is not None
            self._keeper.stdin.close()
            self._wait_until_off(BOOT_S, checked=False)

    def clean(self) -> list[str]:
        """Make it the host it was before its first boot, and boot it."""
        self.end()
        (self._spec.folder / "disk").unlink(missing_ok=True)
        return self.boot()

    @property
    def on(self) -> bool:
        return self._keeper is not None

    @property
    def pid(self) -> int:
        """The host's process 1, as this machine counts; another one after each boot."""
        if self._leader is None:
            raise LabError(f"{self.name} is off", hint="boot() switches it on")
        return self._leader

    def console(self) -> str:
        """What it wrote on its screen, all boots."""
        return self._said("console.log")

    def crash(self, process: int | str) -> list[int]:
        """SIGKILL a process, or all whose command line matches: their numbers inside. LabError when there is none."""
        found = [process] if isinstance(process, int) else self.processes(process)
        if not found:
            raise LabError(f"Nothing crashed on {self.name}: no process matches {process!r}")
        self.run("kill", f"-{signal.SIGKILL}", *map(str, found))
        return found

    def _the_keeper(self) -> subprocess.Popen[bytes]:
        if self._keeper is None:
            raise LabError(f"{self.name} is off", hint="boot() switches it on")
        return self._keeper

    def _wait_until_up(self) -> list[str]:
        ends = time.monotonic() + BOOT_S
        self._leader = None
        container, self._boots = self._next_boot(ends)
        while (leader := process_1_of(container)) is None:
            self._check_booting(ends)
            time.sleep(LOOK_S)
        self._leader = leader
        while True:
            state = self.run("systemctl", "is-system-running", "--wait", check=False).stdout.strip()
            if state in {"running", "degraded"}:
                return self.failed_units()
            self._check_booting(ends)
            time.sleep(LOOK_S)

    def _next_boot(self, ends: float) -> tuple[int, int]:
        """The container process of the next boot, and that boot's number."""
        while True:
            try:
                state = json.loads((self._spec.folder / "state").read_text())
            except FileNotFoundError:
                state = {"boot": 0}
            if state["boot"] > self._boots:
                return state["container"], state["boot"]
            self._check_booting(ends)
            time.sleep(LOOK_S)

    def _check_booting(self, ends: float) -> None:
        if self._the_keeper().poll() is not None:
            self._forget_keeper()
            raise LabError(f"{self.name} did not boot. {self._last_words()}")
        if time.monotonic() > ends:
            raise LabError(f"{self.name} was not up within {BOOT_S:.0f} s. {self._last_words()}")

    def _wait_until_off(self, within_s: float, *, checked: bool = True) -> None:
        keeper = self._the_keeper()
        try:
            status = keeper.wait(within_s)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name} was not off within {within_s:.0f} s. {self._last_words()}") from error
        self._forget_keeper()
        if checked and status != 0:
            raise LabError(f"{self.name} did not go off as it should. {self._last_words()}")

    def _forget_keeper(self) -> None:
        keeper, self._keeper, self._leader = self._the_keeper(), None, None
        if keeper.stdin is not None:
            keeper.stdin.close()

    def _last_words(self) -> str:
        said = {"its keeper": self._said("keeper.log"), "its console": self._said("console.log")}
        return "\n".join(f"{who} said: {what[-CONSOLE_SHOWN:]}" for who, what in said.items() if what)

    def _said(self, name: str) -> str:
        path = self._spec.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def keep_logs(self, target: Path) -> None:
        """Copy its console and its keeper's log to a folder that outlasts the run."""
        target.mkdir(parents=True, exist_ok=True)
        for log in self._spec.folder.glob("*.log"):
            shutil.copy(log, target / f"{self.name}-{log.name}")


def process_1_of(container: int) -> int | None:
    """The child of systemd-nspawn that is process 1 in a process namespace of its own, once it is systemd."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:  # it ended meanwhile
            continue
        numbers = fields.get("NSpid", "").split()
        if fields["PPid"] == str(container) and numbers[1:] == ["1"] and fields["Name"] == "systemd":
            return int(numbers[0])
    return None
