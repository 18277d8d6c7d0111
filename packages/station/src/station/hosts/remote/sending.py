"""Bring a bundle to a host: only what it has not, so that a cut goes on where it was, and an upgrade sends little."""

import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from station.errors import StationError
from station.hosts.remote.bundle import SUMS, Bundle, add
from station.hosts.remote.facts import Facts
from station.hosts.remote.ssh import Ssh

BUNDLES = "/var/lib/station/bundles"
Sent = Callable[[int, int], None]  # bytes done, of how many

_HAVE = f"""
cd {BUNDLES} 2>/dev/null || exit 0
for file in */wheels/*.whl .part-*/wheels/*.whl; do
    [ -f "$file" ] && sha256sum -- "$file"
done
exit 0
"""
_TAKE = f"""
set -eu
umask 022
part={BUNDLES}/.part-$1
mkdir -p "$part/wheels"
cd "$part"
tar -x --no-same-owner --overwrite
while read -r from name; do
    [ "{BUNDLES}/$from" -ef "wheels/$name" ] || ln -f "{BUNDLES}/$from" "wheels/$name"
done <.known
rm .known
sha256sum --check --quiet {SUMS} || {{ echo "error: the bundle came damaged" >&2; exit 1; }}
sync -f "$part"
[ ! -e "{BUNDLES}/$1" ] || rm -rf "{BUNDLES}/$1"
mv -T "$part" "{BUNDLES}/$1"
sync -f {BUNDLES}
"""
_IS_THERE = f'cd {BUNDLES}/"$1" 2>/dev/null && sha256sum --check --quiet {SUMS} >/dev/null 2>&1 && echo yes || echo no'


@dataclass(frozen=True)
class ToSend:
    """What of a bundle the host lacks, and where it has the rest: paths below its folder of bundles, by wheel."""

    bundle: Bundle
    names: list[str]
    known: dict[str, str]

    @property
    def total_bytes(self) -> int:
        return sum((self.bundle.folder / name).stat().st_size for name in self.names)


def missing(ssh: Ssh, facts: Facts, bundle: Bundle) -> ToSend:
    """What the host has not of the bundle; nothing when the whole bundle lies there, undamaged."""
    if ssh.run(*facts.sudo, "sh", "-c", _IS_THERE, "sh", bundle.about.id).strip() == "yes":
        return ToSend(bundle, [], {})
    there = dict(line.split("  ", 1) for line in ssh.run(*facts.sudo, "sh", "-c", _HAVE).splitlines())
    known = {
        name.removeprefix("wheels/"): there[digest]
        for name, digest in bundle.sums.items()
        if name.startswith("wheels/") and digest in there
    }
    names = [name for name in bundle.names if name.removeprefix("wheels/") not in known]
    return ToSend(bundle, names, known)


def send(ssh: Ssh, facts: Facts, to_send: ToSend, on_sent: Sent) -> None:
    """Bring it, checked there, to its place among the host's bundles. Killed at any moment, it can be done again."""
    if not to_send.names:
        return
    total = to_send.total_bytes
    folder = to_send.bundle.folder
    known = "".join(f"{place} {name}\n" for name, place in to_send.known.items()).encode()

    def write(pipe: IO[bytes]) -> None:
        done = 0
        with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as file:
            listed = tarfile.TarInfo(".known")
            listed.size = len(known)
            file.addfile(listed, io.BytesIO(known))
            for name in to_send.names:
                add(file, folder, name)
                done += (folder / name).stat().st_size
                on_sent(min(done, total), total)

    try:
        ssh.feed(*facts.sudo, "sh", "-c", _TAKE, "sh", to_send.bundle.about.id, write=write)
    except StationError as why:
        why.hint = why.hint or "Run it again: what arrived is not sent twice"
        raise
