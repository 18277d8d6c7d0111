"""A whole lab: hosts, the network between them, and what they share; gone without a trace when its context closes."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.cache import cache_folder
from lab.claim import Run, claimed
from lab.host import Host
from lab.keeper import Spec
from lab.network import Network
from lab.rootfs import rootfs

NAMES = ("pi-ctv", "pi2")  # the hosts of the fleet, as its manifests call them
DISK_MIB = 4096  # sparse: it takes what the host writes
WHEELS = "/mnt/wheelhouse"  # where a host finds the wheelhouses of this machine, read-only


@dataclass(frozen=True)
class Lab:
    """Hosts, off until `boot`, and the network that joins them."""

    number: int
    hosts: tuple[Host, ...]
    network: Network

    def host(self, name: str) -> Host:
        return next(host for host in self.hosts if host.name == name)

    def cut(self, host: Host) -> None:
        """Nothing comes to the host or leaves it, and its cable stays in, until `heal`."""
        self.network.cut(host.index)

    def part(self) -> None:
        """The hosts do not see each other; this machine sees them all, and they see it."""
        self.network.part()

    def heal(self, host: Host | None = None) -> None:
        self.network.heal(host.index if host else None)


@contextmanager
def laboratory(
    names: Sequence[str],
    *,
    env: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = print,
    logs: Path | None = None,
    disk_mib: int = DISK_MIB,
    by_hand: str = "",
) -> Iterator[Lab]:
    """A lab with these hosts, none of them booted yet. `logs`: where their consoles are kept, else they go too.

    `by_hand`: a file in the run's folder by which `python -m lab` knows the runs it may touch.
    """
    cache = cache_folder(env)
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    with rootfs(cache, env, tell) as root, claimed(cache / "runs") as run:
        if by_hand:
            (run.folder / by_hand).touch()
        network = Network(run, len(names))
        network.build()
        hosts = tuple(
            Host(_spec(run, index, names, root, disk_mib, {str(wheels): WHEELS}), run.address(index))
            for index in range(1, len(names) + 1)
        )
        try:
            yield Lab(run.number, hosts, network)
        finally:
            for host in hosts:
                host.end()
                if logs is not None:
                    host.keep_logs(logs)


def _spec(run: Run, index: int, names: Sequence[str], root: Path, disk_mib: int, shared: dict[str, str]) -> Spec:
    name = names[index - 1]
    return Spec(
        run_number=run.number,
        run_folder=str(run.folder),
        index=index,
        name=name,
        lower=str(root),
        disk_mib=disk_mib,
        files=files_of(
            name, run.address(index), {other: run.address(n) for n, other in enumerate(names, 1)}, uuid.uuid4().hex
        ),
        shared=shared,
    )


def files_of(name: str, address: str, hosts: Mapping[str, str], identity: str) -> dict[str, str]:
    """What makes the common root file system this host: its name, its address, and the names of the others. Pure."""
    known = "".join(f"{place}\t{other}\n" for other, place in hosts.items() if other != name)
    return {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t{name}\n{known}",
        "/etc/machine-id": f"{identity}\n",
        "/etc/systemd/network/10-lab.network": (
            f"[Match]\nName=host0\n\n[Network]\nAddress={address}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
        ),
    }
