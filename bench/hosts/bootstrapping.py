"""From a blank machine to one that serves BookedBiz, over ssh and from a bundle: how long, and how large."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ground import BOOKEDBIZ, HOST, ROOT, Ground, Told, repository

STATION = Path(sys.executable).with_name("station")
APPLIED = f"{HOST} has all that it should have"
ANSWERS = "until curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/ | grep -qx 302; do sleep 0.05; done"


def bootstrapping(ground: Ground) -> Told:
    """Seconds from the blank host: to the platform, to applied, to BookedBiz answering 302, to the command's end."""
    ground.begin()
    env, fleet = _desk(ground)
    bundle = ground.work / "bundle.tar"
    bundle.unlink(missing_ok=True)
    began_s = time.monotonic()
    making: list[str | Path] = ["bundle", "--for=this", "--python=3.11", "--wheels", ground.wheels_here, "--to", bundle]
    made = subprocess.run([STATION, "--fleet", fleet, *making], env=env, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise SystemExit(f"No bundle was made: {made.stderr}")
    told: Told = {"bundle_s": round(time.monotonic() - began_s, 1), "bundle_bytes": bundle.stat().st_size}
    words: list[str | Path] = [STATION, "--fleet", fleet, "bootstrap", HOST, "--bundle", bundle, "--yes", "--deploy"]
    began_s = time.monotonic()
    with (
        subprocess.Popen(ground.host.entering("sh", "-c", ANSWERS)) as answering,
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            passed_s = round(time.monotonic() - began_s, 1)
            if line.startswith(f"{HOST} has Control Station"):
                told["installed_s"] = passed_s
            elif APPLIED in line:
                told["applied_s"] = passed_s
            elif answering.poll() is not None and "answers_s" not in told:
                told["answers_s"] = passed_s
        code = process.wait()
        told["ended_s"] = round(time.monotonic() - began_s, 1)
        if code != 0:
            answering.kill()
            raise SystemExit(f"bootstrap ended with {code}: {''.join(said)}")
        answering.wait(30)
    told.setdefault("answers_s", round(time.monotonic() - began_s, 1))
    return told


def _desk(ground: Ground) -> tuple[dict[str, str], Path]:
    """The environment of somebody who may sign in as root there, and the manifest they have."""
    host, folder = ground.host, ground.work / "desk"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    host.run("install", "-d", "-m", "700", "/root/.ssh")
    host.write("/root/.ssh/authorized_keys", (folder / "key.pub").read_text(), mode=0o600)
    shown = host.read("/etc/ssh/ssh_host_ed25519_key.pub").split()
    (folder / "known_hosts").write_text(f"{host.address} {shown[0]} {shown[1]}\n")
    (folder / "ssh_config").write_text(
        f"Host *\n    IdentityFile {folder}/key\n    IdentitiesOnly yes\n    User root\n    BatchMode yes\n"
        f"    UserKnownHostsFile {folder}/known_hosts\n    GlobalKnownHostsFile none\n"
    )
    bare = repository(ground.work / "repository")
    fleet = ground.fleet({"bookedbiz": f'git = "{bare}"\n{BOOKEDBIZ}'}, address=host.address)
    shutil.copy(ROOT / "apps/bookedbiz/app.toml", fleet.with_name("bookedbiz.toml"))
    return {**os.environ, "STATION_SSH": f"ssh -F {folder}/ssh_config", "TMPDIR": str(folder / "tmp")}, fleet
