"""What a host with one app should have, told to pyinfra: 38 operations, as `station apply` has for a host like it.

Run by `pyinfra @local peer.py -y`, as root. Everything lies in /srv/peer, so that both can have the same host.
"""

from io import StringIO

from pyinfra.operations import files, server, systemd
from pyinfra.operations.util import any_changed

GROUPS = ("peer-dev", "peer-station")
PEOPLE = ("peerann", "peerben")
APP = "peerapp"
FOLDERS = {
    "/srv/peer": ("root", "755"),
    "/srv/peer/opt": ("root", "755"),
    "/srv/peer/opt/apps": (APP, "2775"),
    "/srv/peer/opt/apps/releases": (APP, "2775"),
    "/srv/peer/opt/venvs": (APP, "755"),
    "/srv/peer/lib": (APP, "750"),
    "/srv/peer/lib/processed": (APP, "750"),
    "/srv/peer/etc": ("root", "755"),
    "/srv/peer/etc/credentials": ("root", "700"),
    "/srv/peer/state": ("root", "700"),
    "/srv/peer/copies": ("root", "750"),
    "/srv/peer/log": ("root", "755"),
    "/srv/peer/replaced": ("root", "700"),
}
UNIT = """\
[Unit]
Description=Peer: {{ title }}
After=network-online.target
[Service]
Type=exec
User={{ app }}
EnvironmentFile=/srv/peer/etc/peer.env
ExecStart=/usr/bin/sleep infinity
Restart=always
RestartSec=2
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
[Install]
WantedBy=multi-user.target
"""
TIMER = "[Timer]\nOnCalendar=*-*-* 02:05:00\nPersistent=yes\n[Install]\nWantedBy=timers.target\n"
TEXTS = {
    "/etc/logrotate.d/peer": "/srv/peer/log/*.log {\n  weekly\n  rotate 8\n  missingok\n}\n",
    "/srv/peer/etc/host": "pi-ctv\n",
    "/srv/peer/etc/notes": "Written by pyinfra.\n",
    "/etc/systemd/system/peer-check.timer": TIMER,
    "/etc/systemd/system/peer-copy.timer": TIMER,
}
SERVICES = ("peer-web", "peer-worker", "peer-points", "peer-agent")

for group in GROUPS:
    server.group(name=f"group {group}", group=group)
server.user(name=f"user {APP}", user=APP, shell="/usr/sbin/nologin", home="/srv/peer/lib", system=True)
for person in PEOPLE:
    server.user(name=f"user {person}", user=person, shell="/bin/bash", groups=[GROUPS[0]], create_home=True)
for path, (owner, mode) in FOLDERS.items():
    files.directory(name=f"folder {path}", path=path, user=owner, group=owner, mode=mode)
units = [
    files.template(
        name=f"unit {name}",
        src=StringIO(UNIT),
        dest=f"/etc/systemd/system/{name}.service",
        mode="644",
        app=APP,
        title=name,
    )
    for name in (*SERVICES, "peer-check", "peer-copy")
]
files.template(
    name="variables", src=StringIO("PORT={{ port }}\n"), dest="/srv/peer/etc/peer.env", mode="600", port=8000
)
for path, text in TEXTS.items():
    units.append(files.put(name=f"file {path}", src=StringIO(text), dest=path, mode="644"))
files.link(name="link current", path="/srv/peer/opt/apps/current", target="releases")
systemd.daemon_reload(name="reload", _if=any_changed(*units))
for service in SERVICES:
    systemd.service(name=f"service {service}", service=f"{service}.service", running=True, enabled=True)
for timer in ("peer-check.timer", "peer-copy.timer"):
    systemd.service(name=f"timer {timer}", service=timer, running=True, enabled=True)
# groups 2, users 3, folders 13, templates 7, files 5, link 1, reload 1, services 4, timers 2: 38
