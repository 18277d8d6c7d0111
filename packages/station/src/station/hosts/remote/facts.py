"""What a machine is, asked over ssh in one go, and why it cannot become a host. Deciding is pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from station.errors import Refused, StationError
from station.hosts.remote.ssh import Ssh
from station.hosts.remote.target import DEBIAN_ARCH, GLIBC, Target

SKEW_S = 60.0  # a lease, a certificate and a restore point all go by the clock
INSTALLED_BYTES = 300_000_000  # 287 MB were measured in /opt, compiled modules included
SPARE_BYTES = 100_000_000  # a disk is not filled to the last byte


@dataclass(frozen=True)
class Facts:
    """A machine before it is a host. `name`, `station` and `bundle` are "" while it is none.

    `system` are Debian's own words for what it is; `missing` the programs that it lacks; `ahead_s` its clock's lead.
    """

    user: str
    is_root: bool
    may_sudo: bool
    system: str
    title: str
    arch: str
    has_systemd: bool
    python: str
    ahead_s: float
    free_opt_bytes: int
    free_var_bytes: int
    one_disk: bool
    missing: tuple[str, ...]
    name: str
    station: str
    bundle: str

    @property
    def target(self) -> Target:
        return Target(DEBIAN_ARCH[self.arch], self.python)

    @property
    def sudo(self) -> list[str]:
        """What a command begins with that root has to run."""
        return [] if self.is_root else ["sudo", "-n", "--"]


def ask(ssh: Ssh, now: datetime) -> Facts:
    """What the machine says of itself. StationError when it does not know how to answer."""
    told = dict(line.partition("=")[::2] for line in ssh.run("sh", "-c", _probe()).splitlines())
    try:
        return read(told, now)
    except (KeyError, ValueError) as why:
        raise StationError(f"{ssh.place.name} does not say what it is: {why}", "Is it a Linux machine?") from why


def read(told: dict[str, str], now: datetime) -> Facts:
    """The facts in what the probe printed."""
    return Facts(
        user=told["user"],
        is_root=told["uid"] == "0",
        may_sudo=told["sudo"] == "yes",
        system=told["system"],
        title=told["title"],
        arch=told["arch"],
        has_systemd=told["systemd"] == "yes",
        python=told["python"],
        ahead_s=int(told["now"]) - now.timestamp(),
        free_opt_bytes=int(told["free_opt_kib"]) * 1024,
        free_var_bytes=int(told["free_var_kib"]) * 1024,
        one_disk=told["one_disk"] == "yes",
        missing=tuple(told["missing"].split()),
        name=told["name"],
        station=told["station"],
        bundle=told["bundle"],
    )


def check(facts: Facts, name: str, now: datetime) -> None:
    """Refused, with every reason, when the machine cannot become the host of that name."""
    reasons = list(_against(facts, name, now))
    if reasons:
        lines = "".join(f"\n  {reason}" for reason in reasons)
        raise Refused(
            f"{name} cannot become a host as it is:{lines}", "Nothing was changed; mend this and run it again"
        )


def check_room(facts: Facts, name: str, to_send_bytes: int) -> None:
    """Refused when the machine's disk would be full, or almost."""
    opt, var = INSTALLED_BYTES + SPARE_BYTES, to_send_bytes + SPARE_BYTES
    if facts.one_disk:
        opt, var = opt + var, 0
    for place, free, needed in (("/opt", facts.free_opt_bytes, opt), ("/var/lib", facts.free_var_bytes, var)):
        if free < needed:
            told = f"{free / 1e6:.0f} MB are free in {place}, and {needed / 1e6:.0f} MB are needed"
            raise Refused(
                f"{name} has not enough room: {told}",
                "Nothing was changed; make room (`sudo apt clean`, `sudo journalctl --vacuum-size=100M`)",
            )


def _against(facts: Facts, name: str, now: datetime) -> Iterator[str]:
    words = facts.system.split()
    if not {"debian", "raspbian"} & set(words):
        yield f"it runs {facts.title or 'no system that we know'}, and we know Debian 12 and 13, and Raspberry Pi OS"
    if facts.arch not in DEBIAN_ARCH:
        yield f"its system is {facts.arch}, and must be arm64 or amd64: install the 64-bit system"
    if not facts.has_systemd:
        yield "it was not started by systemd"
    if not facts.python:
        yield "it has no /usr/bin/python3: sudo apt install python3"
    elif facts.python not in GLIBC:
        yield f"its python3 is {facts.python}, and must be {' or '.join(GLIBC)}"
    if facts.missing:
        yield f"it lacks programs: sudo apt install {' '.join(facts.missing)}"
    if not facts.is_root and not facts.may_sudo:
        yield (
            f"{facts.user} is not root, and sudo asks for a password: sign in as root (--user root), or run there "
            f"`echo '{facts.user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/{facts.user}`"
        )
    if abs(facts.ahead_s) > SKEW_S:
        theirs = datetime.fromtimestamp(now.timestamp() + facts.ahead_s, UTC)
        way = "ahead of" if facts.ahead_s > 0 else "behind"
        yield (
            f"its clock is {abs(facts.ahead_s):.0f} s {way} ours, it says {theirs:%Y-%m-%d %H:%M:%S} UTC: "
            "sudo timedatectl set-ntp true"
        )
    if facts.name not in ("", name):
        yield f"it is the host {facts.name} already (/etc/station/host)"


def _probe() -> str:
    return Path(__file__).with_name("probe.sh").read_text()
