"""A command of ours on another host: its words, input, output and exit code pass through ssh unchanged."""

from collections.abc import Mapping, Sequence

from station.errors import NotRunning, StationError
from station.hosts.remote.push import ID_THERE
from station.hosts.remote.ssh import LOST, NOT_THERE, Place, passed_through

_MAY_NOT = 126  # the shell's: the program may not be started
_RUN = f"""
expected=$1 tty=$2; shift 2
station=/usr/local/bin/station
[ -x "$station" ] || exit {NOT_THERE}
if [ -n "$expected" ] && [ "$(export expected; {ID_THERE.strip()})" != "$expected" ]; then
    echo "warning: the manifest of $(uname -n) is not the one that lies here: bring it with 'station push'" >&2
fi
cd /
if [ "$(id -u)" = 0 ]; then exec "$station" "$@"; fi
if [ "$tty" = yes ]; then exec sudo -- "$station" "$@"; fi
sudo -n -l "$station" >/dev/null 2>&1 || exit {_MAY_NOT}
exec sudo -n -- "$station" "$@"
"""


def run_there(place: Place, words: Sequence[str], env: Mapping[str, str], *, tty: bool, expected: str = "") -> int:
    """Run `station WORDS…` there, as root: its exit code. `expected`: warn when the host's manifest is another one.

    NotRunning when the host is not reached or has no Control Station.
    """
    command = ["sh", "-c", _RUN, "sh", expected, "yes" if tty else "no", *words]
    code = passed_through(place, command, env, tty=tty)
    if code == LOST:
        raise NotRunning(
            f"{place.name} was not reached, or the connection broke: ssh says why above",
            f"Try: ssh {place.destination}",
        )
    if code == NOT_THERE:
        raise NotRunning(f"There is no Control Station on {place.name}", f"station bootstrap {place.name}")
    if code == _MAY_NOT:
        raise StationError(
            f"{place.name} does not let {place.user or 'this user'} run station: sudo asks for a password",
            "Run it at a terminal, sign in as root (--host root@NAME), or let sudo run /usr/local/bin/station",
        )
    return code
