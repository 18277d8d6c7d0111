"""A release of the counter as a deploy leaves it: `make_release.py ID '{"migrate": "add"}'`."""

import json
import shutil
import sys
from pathlib import Path

from station.clock import utc_now
from station.fleet import load_fleet
from station.hosts.deploying import release as releases

name, how = sys.argv[1], json.loads(sys.argv[2])
fleet = load_fleet(Path("/etc/station/fleet.toml").resolve())
host = fleet.hosts[Path("/etc/station/host").read_text().strip()]
code, venv = releases.code_of(host, "counter", name), releases.venv_of(host, "counter", name)
shutil.copytree(Path(__file__).parent / "bin", code / "bin")
(code / "release.json").write_text(json.dumps(how))
(venv / "bin").mkdir(parents=True)
releases.write(host, releases.Release(name, "counter", code, venv, "", "a test", utc_now(), "a test"))
