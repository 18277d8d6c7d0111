"""docs/doctor.md, made from the checks themselves. Pure; a test holds that the file is what this gives."""

import inspect
from collections.abc import Iterator

from station.hosts.doctor.check import Check
from station.hosts.doctor.checks import CHECKS
from station.hosts.doctor.remembering import TELL_AFTER
from station.hosts.listening.allowed import SYSTEMS_OWN

OPENING = """\
# Is this host well?

Made from the checks by `scripts/docs`. Three commands look at a machine; none of them changes anything.

## station doctor

    $ station doctor
    failed    answers: notes        GET / on port 8000: 500 instead of 302
                                    -> journalctl -u notes.service -n 50
    failed    data closed: notes    daseme can read /var/lib/notes
                                    -> station apply pi-ctv
    unknown   temperature           this machine has no sensor that tells
    ok        ports: 8000           tcp 127.0.0.1:8000 is held by python (pid 216, user notesrun, notes.service)
    …
    pi-ctv: 2 failed, 1 unknown, 39 well; looked for 0.5 s

What failed comes first, each line with what was seen, and below it what mends it. Run it as root on the machine: then
it tries things out as the very users they are about, a developer who must not reach the data, the app's user who must
open its database. Whoever else runs it is told what only root can see.

| verdict | |
|---|---|
| ok | it is as it should be |
| warning | it works, and somebody should look at it some time |
| failed | it does not work, or is open to somebody whom it should be closed to |
| unknown | this machine has nothing that tells, or the answer took too long; counts neither as well nor as wrong |

The exit code is 1 when something failed, 3 when there are only warnings, else 0. `--quick` asks what takes no time and
needs no other user's rights; `--only CHECK` asks that one alone; with the name of an app the others are left out. On a
host that is a folder, most checks make no sense; they are named and left out. Each check has a time limit, and one that
fails or hangs stops no other.

## station check

The quick checks again, every `check_every_s` seconds, by `station-check.timer`. The last verdicts are in
`/var/lib/station/check.json`, which the group `station` can read and which holds no secret. Somebody is told
(`/var/log/station/alerts.jsonl`) when a check failed {times} times in a row, and when it is well again; not in between.
Warnings are not told. A check that cannot see is neither bad nor good, and what was known before stays.

    $ journalctl -u station-check -o cat -n 1
    pi-ctv: 1 failed (answers notes), 1 warning, 3 unknown, 17 well; told of bad: answers notes

## station audit

    $ station audit
    conflict  tcp 0.0.0.0:5001    python3 (pid 153, user root, odd.service)       for 2 s    5001 is the port of …
    stranger  udp [::]:9999       python3 (pid 153, user root, odd.service)       for 2 s    nothing in the manifest …
    ours      tcp 127.0.0.1:8000  python (pid 216, user notesrun, notes.service)  for 3 min  notes web
    system    tcp 0.0.0.0:22      sshd (pid 40, user root, ssh.service)           for 5 min  ssh, sshd: the way in
    pi-ctv listens on 4 ports: 1 in conflict with the manifest, 1 strangers

Every TCP and UDP port that takes what comes, over IPv4 and IPv6. A **conflict** is a port that the manifest gives to
somebody else, or one of ours that more can reach than shall; a **stranger** is somebody whom the manifest does not
know. Of a port that systemd opened for a socket unit, that unit is named too. The exit code is 0 when all are allowed,
else 3. `station apply` looks at the same ports before it
changes anything.

What belongs to a system as it is installed is allowed, by its unit:

"""

MIDDLE = """\

## Every check

Those with a star are asked by `station check` too. "By hand" is the command that answered the question before.

| check | what it means | by hand | what mends it |
|---|---|---|---|
"""


def render() -> str:
    """The whole page as Markdown."""
    opening = OPENING.replace("{times}", "two" if TELL_AFTER == 2 else str(TELL_AFTER))
    known = "".join(f"- {about}\n" for about in dict.fromkeys(SYSTEMS_OWN.values()))
    return opening + known + MIDDLE + "".join(f"{row}\n" for row in _rows())


def _rows() -> Iterator[str]:
    for check in CHECKS:
        meaning, by_hand, remedy = parts(check)
        star = " \\*" if check.quick else ""
        yield f"| {check.name}{star} | {_cell(meaning)} | {_code(by_hand)} | {_cell(remedy)} |"


def parts(check: Check) -> tuple[str, str, str]:
    """What the check's docstring says: what it means, how it was asked by hand ("" if never), and what mends it."""
    said = {"": "", "By hand": "", "Remedy": ""}
    for paragraph in inspect.getdoc(check.ask).split("\n\n"):  # type: ignore[union-attr]  # a test holds: each has one
        text = " ".join(paragraph.split())
        name = next((each for each in ("By hand", "Remedy") if text.startswith(f"{each}: ")), "")
        said[name] = f"{said[name]} {text.removeprefix(f'{name}: ')}".strip()
    return said[""], said["By hand"], said["Remedy"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""
